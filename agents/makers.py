"""
Noisy guides by preset, to be named by import path: ``guiderail.agents.makers:llm_memory``.

The first are guides of today; each ``only_`` guide makes one kind of error alone, to price it.
"""

from guiderail.agents.noisy import maker

fixed_command = maker("fixed_command")
llm_tool_good = maker("llm_tool_good")
llm_tool_noisy = maker("llm_tool_noisy")
llm_map_in_prompt = maker("llm_map_in_prompt")
llm_memory = maker("llm_memory")

only_wrong_link = maker("only_wrong_link")
only_wrong_direction = maker("only_wrong_direction")
only_illegal_turn = maker("only_illegal_turn")
only_stale_map = maker("only_stale_map")
only_bad_timing = maker("only_bad_timing")
only_invented_place = maker("only_invented_place")
only_lane_far = maker("only_lane_far")
