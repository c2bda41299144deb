"""Touch-sized parts every screen is put together from."""
