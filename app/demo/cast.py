"""Who works on the demo site: somebody in every role, one password, two names that try the layout."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "offstage-demo"  # noqa: S105 - the demo's, told on its sign-in page
SITE_NAME = "Offstage 演示基地"
TIME_ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Member:
    """One person; `login` is what they sign in with."""

    login: str
    name: str
    roles: tuple[str, ...]
    phone: str


def member(login: str, name: str, phone: str, *roles: str) -> Member:
    """A person whose login is the role's code, unless several hold it."""
    return Member(login, name, roles or (login,), phone)


ADMIN = member("admin", "周雨桐", "13800000001")
CREW = (
    member("logistics_manager", "陈建国", "13800000002"),
    member("shift_lead", "李晓燕", "13800000003"),
    member("stagehand", "王磊", "13800000004"),
    member("stagehand2", "阿卜杜热合曼·买买提", "13800000005", "stagehand"),
    member("camera", "赵一鸣", "13800000006"),
    member("tech_support", "Alexandra Konstantinopoulou-Reyes", "13800000007"),
    member("director", "孙婉清", "13800000008"),
    member("operations", "吴思远", "13800000009"),
    member("co_host", "林可欣", "13800000010"),
    member("host", "何冰冰", "13800000011"),
    member("floor_control", "郑凯", "13800000012"),
    member("console", "冯静怡", "13800000013"),
    member("supervisor", "刘振华", "13800000014"),
    member("safety_officer", "马国强", "13800000015"),
    member("warehouse_keeper", "张秀兰", "13800000016"),
    member("shipping_clerk", "黄志勇", "13800000017"),
    member("returns_clerk", "徐丽", "13800000018"),
    member("equipment_keeper", "高峰", "13800000019"),
    member("buyer", "罗敏", "13800000020"),
    member("editor", "宋佳", "13800000021"),
    member("customer_service", "唐悦", "13800000022"),
    member("marketing", "韩雪", "13800000023"),
    member("data_analyst", "曹睿", "13800000024"),
    member("finance", "邓淑芬", "13800000025"),
    member("hr", "许静", "13800000026"),
    member("general_manager", "梁志远", "13800000027"),
)
EVERYBODY = (ADMIN, *CREW)
