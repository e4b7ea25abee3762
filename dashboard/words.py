"""
Labels in other languages; the English words are the keys, and what is not listed stays English.

What guides, maps and people say is never translated.
"""

# ruff: noqa: RUF001, E501  full-width marks are right in Chinese; a sentence is one key

from collections.abc import Callable
from typing import Final

from guiderail.dashboard.reasons import CHINESE_REASONS

LANGUAGES: Final = {"en": "English", "zh": "中文"}

CHINESE: Final = {
    # pages and knobs
    "Page": "页面",
    "Trip": "行程",
    "Arms side by side": "并排对照",
    "Scenes": "场景",
    "Be the guide": "你来当向导",
    "Monte Carlo": "蒙特卡洛",
    "Map": "地图",
    "Guide": "向导",
    "Share of wrong advice": "错误建议的比例",
    "Shares of wrong advice": "错误建议的比例",
    "Who drives": "谁在驾驶",
    "Arms": "驾驶方",
    "Road": "路面",
    "Seed": "种子",
    "Trips": "行程数",
    "Scene": "场景",
    "dry": "干燥",
    "wet": "湿滑",
    "snow": "积雪",
    "ice": "结冰",
    "Sight": "视野",
    "clear": "良好",
    "night": "夜间",
    "fog": "有雾",
    "dense fog": "浓雾",
    "Hour": "时段",
    "all day": "全天平均",
    "On foot": "行人",
    "People on foot who cross at each arm of a junction, per hour": "每小时横穿路口每一侧的行人数",
    "Traffic of this hour of a weekday, or the mean of the day": "工作日该时段的车流，或全天平均",
    "noisy": "带噪声的向导",
    "silent": "沉默的向导",
    "oracle": "全知向导",
    "fixed command": "固定命令",
    "llm tool good": "大模型：好工具",
    "llm tool noisy": "大模型：噪声工具",
    "llm memory": "大模型：凭记忆",
    "only wrong link": "只错道路",
    "only wrong direction": "只错方向",
    "only illegal turn": "只错禁行",
    "only stale map": "只用旧图",
    "only bad timing": "只错时机",
    "only invented place": "只编地点",
    "only lane far": "只错车道",
    # arms and outcomes
    "guarded": "有护卫",
    "no guide": "无向导",
    "obeying machine": "听命的机器",
    "obeying human": "听命的人",
    "judging human": "自行判断的人",
    "arrived": "到达",
    "crashed": "碰撞",
    "stopped": "停驶",
    "timed out": "超时",
    # the player
    "Play": "播放",
    "Pause": "暂停",
    "Fit": "全图",
    "Follow": "跟随",
    "◀ event": "◀ 事件",
    "event ▶": "事件 ▶",
    "Play or pause (space)": "播放或暂停（空格）",
    "Back to the previous message or event (left arrow)": "上一条消息或事件（左箭头）",
    "On to the next message or event (right arrow)": "下一条消息或事件（右箭头）",
    "Zoom in (+)": "放大（+）",
    "Zoom out (-)": "缩小（-）",
    "Show the whole trip (f)": "显示全程（f）",
    "Keep the car in the middle (c)": "跟随车辆（c）",
    "Time in the trip": "行程时间",
    "Speed of the playback": "播放速度",
    "Map with the trip of": "行程地图：",
    "driven": "已行驶",
    "planned": "计划路线",
    "planned before": "先前计划",
    "closed": "封闭",
    "message accepted": "消息被接受",
    "refused": "拒绝",
    "accepted": "接受",
    "deferred": "推迟",
    "missed turn": "错过转弯",
    "missed turns": "错过转弯",
    "loop": "绕圈",
    "loops": "绕圈",
    "near miss": "险情",
    "conflict or hard brake": "冲突或急刹",
    "infraction": "违规",
    "infractions": "违规",
    "signal": "信号灯",
    "banned turn": "禁止转弯",
    "place": "地点",
    "Conversation": "对话",
    "before the junction": "到路口",
    "Nothing is said and nothing happens on this trip.": "这次行程无人说话，也无事发生。",
    "against no guide": "相对无向导",
    "by the guide": "向导所致",
    "what it truly was": "实际错误类型",
    "asks for": "请求",
    "offers instead": "改为提议",
    "new route": "新路线",
    "guide": "向导",
    "missed": "错过转弯",
    "closure": "道路封闭",
    "goal passed": "驶过目的地",
    "missed turn into": "错过转入",
    "again on": "再次经过",
    "the guide's doing": "向导所致",
    "also without this guide": "没有向导也会发生",
    "caused by somebody else": "他人所致",
    "surrogate": "替代指标",
    "purpose": "未达目的",
    **CHINESE_REASONS,
    # the game
    "You are the guide": "你来当向导",
    "Say": "说",
    "Say it": "说出",
    "turn left": "左转",
    "turn right": "右转",
    "go straight": "直行",
    "turn back": "掉头",
    "cancel": "取消",
    "via": "途经",
    "go to": "前往",
    "take": "走",
    "take road": "走",
    "turn": "转向",
    "left": "左",
    "right": "右",
    "straight": "直行",
    "back": "掉头",
    "avoid": "避开",
    "turn left, take ROAD, via PLACE, avoid ROAD, cancel": (
        "英文：turn left, take ROAD, via PLACE, avoid ROAD, cancel"
    ),
    "Start again": "重新开始",
    "Infractions you caused": "你造成的违规",
    "Delay you caused": "你造成的延误",
    "Proven bound on the delay": "已证明的延误上界",
    "Extra time you bought": "已用的绕路额度",
    "Refused": "被拒绝",
    "Say a turn, a road or a place while the car drives, or click on the map, and try to cost the "
    "guarded car time, or to crash it. A turn means the next junction. The speed of the playback "
    "is how much faster than life it drives. The address of this page is your game.": (
        "在车辆行驶时说出转弯、道路或地点，或在地图上点击，试着耽误有护卫的车，"
        "甚至让它撞车。转弯指下一个路口。播放速度就是快于现实的倍数。本页网址就是你的游戏。"
    ),
    "Who reads what you type": "谁来理解你输入的话",
    "a fixed grammar": "固定语法",
    "a language model": "语言模型",
    "A model turns what you type, in any language, into a request, or says that it holds none; the "
    "car drives on while it thinks. Buttons and the map need no model. Keys come from the environment "
    "of the server, never from this page; a link plays a game again without asking. At most 60 "
    "requests a game. Until you press the button a fixed grammar reads.": (
        "模型把你输入的话（任何语言）变成一个请求，或说明其中没有请求；它思考时车继续行驶。"
        "按钮和地图不需要模型。密钥只来自服务器的环境变量，绝不经过本页；"
        "链接重放游戏时不会再询问模型。每局最多 60 次请求。"
        "按下按钮之前，由固定语法来理解。"
    ),
    "Let it read": "让它来理解",
    "{name} reads what you type.": "{name} 正在理解你输入的话。",
    "The model reads your words ...": "模型正在理解你的话……",
    "said at [s]": "说出时刻 [秒]",
    "you said": "你说的",
    "the model says": "模型所说",
    # texts of the pages
    "Trip {n} to {goal}": "行程 {n}：前往 {goal}",
    "Trip {n}: four arms, the same words": "行程 {n}：四个驾驶方，同样的话",
    "They part {s:.0f} s after the start; the table below has what it cost each of them.": (
        "出发 {s:.0f} 秒后分道扬镳；下表列出各自的代价。"
    ),
    "The arms drive alike, tick for tick, until the first of them ends.": (
        "各驾驶方完全一致，直到第一个结束。"
    ),
    "Story, and this trip as a file": "行程叙述与文件下载",
    "Player (HTML)": "播放器（HTML）",
    "Film (GIF)": "动画（GIF）",
    "Driving ...": "正在行驶……",
    # scenes
    "Late left turn": "太晚的左转",
    "Wrong way into a one-way street": "逆行驶入单行道",
    "The missed motorway exit": "错过的高速出口",
    "Turn across a red light": "红灯前的转弯",
    "The invented place": "虚构的地点",
    "Two places of one name": "两个同名地点",
    "The guide that changes its mind": "反复无常的向导",
    "Closed road": "封闭道路",
    "The lane is too far": "车道太远",
    "Wet road": "湿滑路面",
    "The guide that never stops talking": "喋喋不休的向导",
    "The hijacked guide": "被劫持的向导",
    "“Turn left” comes a few meters before the junction. The guarded car drives on; the obeying machine cuts across.": (
        "到路口前几米才说“左转”。有护卫的车直行通过；听命的机器横切过去。"
    ),
    "The guide sends the car against a one-way street.": "向导让车逆行驶入单行道。",
    "“Turn right” comes when the exit is all but there, at the speed of the motorway. The guarded car lets the exit go by; the obeying machine brakes as hard as the road allows, in the middle of the motorway.": (
        "高速行驶中，快到出口才说“右转”。有护卫的车放过这个出口；听命的机器在高速公路中央全力急刹。"
    ),
    "“Turn left” comes some 50 m before the light, from the wrong lane, into a one-way street. The guarded car refuses. The obeying machine waits at red, and turns against the traffic at green. The person who obeys hurries across the lanes and over a yellow that left room to stop, which counts as running the light.": (
        "到信号灯前约 50 米才说“左转”：车道不对，前面又是逆行的单行道。有护卫的车拒绝。听命的机器在红灯前等待，绿灯时逆行转入。听命的人匆忙变道，冲过本来得及停的黄灯，这算闯灯。"
    ),
    "The guide offers stops that do not exist. The guard looks them up and finds nothing.": (
        "向导推荐并不存在的地点。护卫查找后一无所获。"
    ),
    "Several restaurants bear the name. The guard does not guess which one is meant.": (
        "有多家同名餐厅。护卫不去猜测是哪一家。"
    ),
    "To Kiasma, no, yes, no: the route is changed and changed back, and a change that comes too soon after another is refused.": (
        "去 Kiasma，不去，又去，又不去：路线改来改去，太快的改动被拒绝。"
    ),
    "The guide's reports are stale: it calls a road open that the car can see is closed.": (
        "向导的路况已过时：它说畅通的路，车能看到已经封闭。"
    ),
    "The turn would be in time, but not from this lane. The obeying machine tries anyway and hits somebody.": (
        "时间来得及，车道却不对。听命的机器照做，撞上了别人。"
    ),
    "Half the grip, late words: what is too late for the guarded car throws the obeying machine off the road.": (
        "抓地力减半，话又太晚：有护卫的车来不及而不转，听命的机器则冲出道路。"
    ),
    "One detour after the other. When the budget of the trip is spent, the car drives home.": (
        "绕路一个接一个。额度用完后，车就直奔目的地。"
    ),
    "Somebody else speaks through the guide. Words are only words: no proposal has a field for the brake, and what is proposed is checked like any other.": (
        "有人借向导之口说话。话只是话：提议里没有刹车这一项，提出的内容照样要检查。"
    ),
    # a language model
    "Language model": "语言模型",
    "A model rides along on one trip: the guarded car asks it, and the world does not wait. Keys come "
    "from the environment of the server, never from this page, and nothing is asked before you press "
    "the button. At most 60 requests a ride.": (
        "一个模型随车走一程：有护卫的车向它提问，世界不会等它。密钥只来自服务器的环境变量，"
        "绝不经过本页；按下按钮之前不会发出任何请求。每程最多 60 次请求。"
    ),
    "Provider": "提供方",
    "Model": "模型",
    "Endpoint": "接口地址",
    "Form of the answer": "回答形式",
    "Drive with it": "与它同行",
    "Cancelled: the car drives on without the model.": "已取消：车在没有模型的情况下继续行驶。",
    "asked at [s]": "提问时刻 [秒]",
    "says": "所说",
    "thought [s]": "思考 [秒]",
    "fault": "故障",
    # Monte Carlo
    "Start": "开始",
    "Cancel": "取消运行",
    "Go on": "继续",
    "running": "运行中",
    "finished": "已完成",
    "cancelled": "已取消",
    "failed": "失败",
    "{done:,} of {all:,} trips": "{done:,} / {all:,} 次行程",
    "{runs:,} runs, in a process of its own; every figure may be watched while it grows.": (
        "共 {runs:,} 次运行，在独立进程中进行；所有数字都可在增长过程中观看。"
    ),
    "Another campaign is under way; only one runs at a time.": "另一项运行正在进行；一次只能运行一项。",
    "Cancel the other one": "取消另一项",
    "Results (zip)": "结果（zip）",
    "Trips so far (CSV)": "目前的行程（CSV）",
    "Trips, worst first": "行程（最差在前）",
    "Choose a row to open that trip.": "选择一行以打开该行程。",
    "Open trip {n}, {arm}": "打开行程 {n}（{arm}）",
    "Choose at least one arm and one share.": "请至少选择一个驾驶方和一个比例。",
    "Bounds hold at 95 % at every look, each by itself; the unit of chance is the trip. A hollow "
    "triangle marks none seen: it stands at the bound. Means leave out trips that did not arrive.": (
        "各界限在任何时刻单独以 95% 成立；随机单位是行程。空心三角表示未见事件，画在其上界处。"
        "均值不含未到达的行程。"
    ),
    "mean detour against no guide [s]": "相对无向导的平均绕行 [秒]",
    "share of trips with a serious infraction": "有严重违规的行程比例",
    "arm": "驾驶方",
    "rate": "错误比例",
    "trips": "行程",
    "detour [s]": "绕行 [秒]",
    "bounds [s]": "界限 [秒]",
    "serious": "严重违规",
    "outcome": "结局",
    "time [s]": "用时 [秒]",
    "trip": "行程",
    "against no guide [s]": "相对无向导 [秒]",
    "of these by the guide": "其中向导所致",
    "goal": "目的地",
}  # fmt: skip

Translator = Callable[[str], str]


def translator(language: str) -> Translator:
    """Make a function from English labels to those of a language."""
    table = CHINESE if language == "zh" else {}
    return lambda words: table.get(words, words)
