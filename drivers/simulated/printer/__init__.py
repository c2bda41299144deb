"""A simulated ticket printer: reads ESC/POS on a TCP port, draws the paper, answers status."""
