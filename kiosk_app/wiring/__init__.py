"""The one room where real or simulated devices, forms, queue and screens meet."""
