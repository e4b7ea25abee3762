"""The trusted side: guard, planner and controller; a stranger to world and judge."""
