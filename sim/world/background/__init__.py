"""What happens whether or not anybody looks: pure functions of place, time and trip seed."""
