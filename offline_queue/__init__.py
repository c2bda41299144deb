"""Nothing handed in is ever lost or sent twice: a sealed local table and the one thread that delivers it."""
