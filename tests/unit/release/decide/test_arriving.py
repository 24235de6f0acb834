"""A weight that does not show in the traffic: why that may be, what to do, and when people are rung."""

from inspect import cleandoc as block
from textwrap import wrap

from bot.release.model import ALL_STABLE
from bot.release.observed import NO_REQUESTS, MeshSeen, ShareSeen
from bot.release.phases import Phase
from tests.unit.release.decide.scene import (
    ENDING,
    MOVED,
    NOW,
    Case,
    at,
    decided,
    release,
    route,
    seen,
    split,
    table,
)

S = Phase.SHIFTING
AT25 = {"weights": split(25), **MOVED}
UNCHANGED = ShareSeen(0.0, 400)


def told(cases: dict[str, Case]) -> str:
    """Each decision beneath its name, in lines that can be read."""
    lines = [line for name, case in cases.items() for line in (name, *wrap(decided(*case), 110))]
    return "\n".join(lines)


def of_mesh(*, away: bool = False, refused: float = 0.0) -> ShareSeen:
    return ShareSeen(0.0, 400, mesh=MeshSeen(away, refused))


def test_why_it_may_be_is_said_with_what_to_do() -> None:
    late = release(S, **AT25)
    lost = route(split(25), subsets=False)
    cases: dict[str, Case] = {
        "nothing is known of the mesh": (late, seen(split(25), share=UNCHANGED), 30),
        "istiod is away": (late, seen(split(25), share=of_mesh(away=True)), 30),
        "proxies refuse": (late, seen(split(25), share=of_mesh(refused=3)), 30),
        "the mesh is well": (late, seen(split(25), share=of_mesh()), 30),
        "the subsets are gone": (late, seen(split(25), share=of_mesh(), route=lost), 30),
        "hardly any requests": (late, seen(split(25), share=ShareSeen(0.25, 19)), 30),
        "no requests": (late, seen(split(25), share=ShareSeen(None, 0, NO_REQUESTS)), 30),
        "no series": (late, seen(split(25), share=ShareSeen(None, 0, "no series of either track")), 30),
    }
    assert told(cases) == block("""
        nothing is known of the mesh
        Wait: not in effect: 0.0 % of the requests reach the canary, 25 % is ordered; istiod may be away, or proxies
        refuse some object; istioctl proxy-status tells, +35 s
        istiod is away
        Wait: not in effect: 0.0 % of the requests reach the canary, 25 % is ordered; istiod is away; the weight
        arrives by itself when it is back, +35 s
        proxies refuse
        Wait: not in effect: 0.0 % of the requests reach the canary, 25 % is ordered; proxies refused 3 updates in the
        last 5 min, so some object is broken, such as a route with weights that are all 0; istioctl analyze -A finds
        it, and once it is mended the weight arrives by itself, +35 s
        the mesh is well
        Wait: not in effect: 0.0 % of the requests reach the canary, 25 % is ordered; istiod runs and proxies refuse
        nothing, so another route may come first, or the requests pass the mesh by; istioctl proxy-config routes
        tells, +35 s
        the subsets are gone
        Wait: not in effect: 0.0 % of the requests reach the canary, 25 % is ordered; nothing beside the route selects
        the canary's pods any more; put the subsets back, +35 s
        hardly any requests
        Wait: not in effect: 19 requests were seen, and it takes 20 to tell, +35 s
        no requests
        Wait: not in effect: no requests reach either version, which is not the mesh's doing; it goes on by itself
        once there are some, +35 s
        no series
        Wait: not in effect: no series of either track, +35 s
        """)


def test_people_are_rung_once_and_again_when_they_chose_to_wait_longer() -> None:
    late = release(S, **AT25)
    asked = late.model_copy(update={"asked_at": at(120)})
    shown, unseen = seen(split(25), share=of_mesh(away=True)), seen(split(25), share=ShareSeen(None, 0))
    longer = asked.model_copy(update={"patience_until": at(600)})
    again = asked.model_copy(update={"ordered_at": at(900)})
    cases: dict[str, Case] = {
        "seen elsewhere": (late, shown, 119),
        "seen elsewhere for two minutes": (late, shown, 120),
        "unseen": (late, unseen, 179),
        "unseen for its patience": (late, unseen, 180),
        "rung": (asked, shown, 3600),
        "rung, waits longer": (longer, shown, 599),
        "rung, longer is over": (longer, shown, 600),
        "rung for an earlier weight": (again, shown, 1020),
    }
    assert "\n".join(line.split(":")[0] for line in table(cases).splitlines()) == block("""
        seen elsewhere                  Wait
        seen elsewhere for two minutes  Turn shifting 25 %
        unseen                          Wait
        unseen for its patience         Turn shifting 25 %
        rung                            Wait
        rung, waits longer              Wait
        rung, longer is over            Turn shifting 25 %
        rung for an earlier weight      Turn shifting 25 %
        """)


def test_a_rollback_that_does_not_arrive_is_said_at_once_and_never_given_up() -> None:
    back = release(Phase.ROLLING_BACK, weights=ALL_STABLE, ending=ENDING, ordered_at=NOW)
    still = ShareSeen(0.25, 400, mesh=MeshSeen(away=True, refused=0.0))
    cases: dict[str, Case] = {
        "on its way": (back, seen(share=still), 29),
        "late": (back, seen(share=still), 30),
        "rung": (back.model_copy(update={"asked_at": at(30)}), seen(share=still), 3600),
        "unseen": (back, seen(share=ShareSeen(None, 0)), 44),
    }
    assert told(cases) == block("""
        on its way
        Wait: the weight is on its way, +34 s
        late
        Turn rolling_back 0 %: the rollback is not in effect: 25.0 % of the requests still reach the canary, 0 % is
        ordered; istiod is away; the weight arrives by itself when it is back
        rung
        Wait: not in effect: 25.0 % of the requests still reach the canary, 0 % is ordered; istiod is away; the weight
        arrives by itself when it is back, +3605 s
        unseen
        Wait: the weight is on its way, +49 s
        """)
