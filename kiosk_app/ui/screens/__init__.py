"""The screens: each draws one view and sends the events a person makes."""
