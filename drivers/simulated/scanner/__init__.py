"""A simulated document camera: invented papers on a drawn desk, photographed with the faults of real life."""
