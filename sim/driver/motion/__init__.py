"""How the driver moves the car: speed, lane, gaps and stops, with its own careful envelope."""
