"""eForms as data: what is asked, what is valid, what is sent, what is printed."""
