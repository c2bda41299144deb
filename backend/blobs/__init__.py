"""Where sealed bytes lie."""
