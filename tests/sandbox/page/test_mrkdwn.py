"""What the bot writes is rendered as Slack renders it, and never as HTML."""

import pytest

from tests.sandbox.page.conftest import Open

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CASES = {
    "*bold* _it_ ~no~": "<p><strong>bold</strong> <em>it</em> <s>no</s></p>",
    "*bold _and it_*": "<p><strong>bold <em>and it</em></strong></p>",
    "2*3*4 and snake_case_name": "<p>2*3*4 and snake_case_name</p>",
    "`a *b* &lt;c&gt;`": "<p><code>a *b* &lt;c&gt;</code></p>",
    "a\n```x\n  y```\nb": "<p>a</p><pre>x\n  y</pre><p>b</p>",
    "&gt; said\n> more\nno": "<blockquote><p>said</p><p>more</p></blockquote><p>no</p>",
    "• one\n- two": '<p class="item">• one</p><p class="item">- two</p>',
    "<@U1> in <#C1> with <!subteam^S1>": (
        '<p><span class="mention me">@ana</span> in <span class="mention">#shop</span>'
        ' with <span class="mention">@leads</span></p>'
    ),
    "<!channel>": '<p><span class="mention me">@channel</span></p>',
    "<https://a.example/?x=1&amp;y=2|*the* board>": (
        '<p><a href="https://a.example/?x=1&amp;y=2" target="_blank" rel="noopener noreferrer">*the* board</a></p>'
    ),
    "<javascript:alert(1)|x>": "<p>&lt;javascript:alert(1)|x&gt;</p>",
    "<img src=x onerror=alert(1)>": "<p>&lt;img src=x onerror=alert(1)&gt;</p>",
    ":rocket: :no_such_thing:": '<p><span role="img" aria-label="rocket">🚀</span> :no_such_thing:</p>',
    "&amp;lt; a &amp; b": "<p>&amp;lt; a &amp; b</p>",
    "<!date^nonsense^{date}|then>": "<p>then</p>",
}
RENDER = """async (cases) => {
  const { mrkdwn } = await import("/static/js/mrkdwn.js");
  const known = { U1: "ana", C1: "shop", S1: "leads" };
  const find = (id) => known[id];
  const names = { user: find, channel: find, group: find, isMe: (id) => id === "U1" };
  return cases.map((text) => mrkdwn(text, names).innerHTML);
}"""
DATE = "<!date^1800000000^{date_num} {date_short} {ago}|then>"


async def test_mrkdwn_becomes_the_nodes_slack_shows(open_tab: Open) -> None:
    tab = await open_tab()
    rendered = await tab.evaluate(RENDER, [*CASES, DATE])
    assert dict(zip(CASES, rendered, strict=False)) == CASES
    assert ">2027-01-15 Jan 15, 2027 " in rendered[-1]
