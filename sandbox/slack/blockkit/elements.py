"""Text objects and interactive elements: https://docs.slack.dev/reference/block-kit (August 2026)."""

from sandbox.slack.blockkit.schema import (
    Check,
    Shape,
    anything,
    array,
    boolean,
    by_type,
    integer,
    one_of,
    string,
)

ID = string(255)


def plain_text(most: int) -> Check:
    """Return a plain_text object."""
    return by_type({"plain_text": Shape({"text": string(most)}, {"emoji": boolean})})


def any_text(most: int) -> Check:
    """Return a plain_text or mrkdwn object."""
    return by_type(
        {
            "plain_text": Shape({"text": string(most)}, {"emoji": boolean}),
            "mrkdwn": Shape({"text": string(most)}, {"verbatim": boolean}),
        },
    )


CONFIRM = Shape(
    {"title": plain_text(100), "text": any_text(300), "confirm": plain_text(30), "deny": plain_text(30)},
    {"style": one_of("primary", "danger")},
)
OPTION = Shape(
    {"text": any_text(75), "value": string(150)}, {"description": any_text(75), "url": string(3000)}
)
OPTION_GROUP = Shape({"label": plain_text(75), "options": array(OPTION, 100)}, {})

_acts: dict[str, Check] = {"action_id": ID, "confirm": CONFIRM}
_input: dict[str, Check] = {"action_id": ID, "focus_on_load": boolean}
_picks: dict[str, Check] = {**_acts, "placeholder": plain_text(150), "focus_on_load": boolean}

BUTTON = Shape(
    {"text": plain_text(75)},
    {
        **_acts,
        "url": string(3000),
        "value": string(2000, least=0),
        "style": one_of("primary", "danger"),
        "accessibility_label": string(75),
    },
)
STATIC_SELECT = Shape(
    {},
    {
        **_picks,
        "options": array(OPTION, 100),
        "option_groups": array(OPTION_GROUP, 100),
        "initial_option": OPTION,
    },
)
MULTI_STATIC_SELECT = Shape(
    {"options": array(OPTION, 100)},
    {**_picks, "initial_options": array(OPTION, 100), "max_selected_items": integer},
)
OVERFLOW = Shape({"options": array(OPTION, 5)}, _acts)
CHECKBOXES = Shape(
    {"options": array(OPTION, 10)},
    {**_acts, "initial_options": array(OPTION, 10), "focus_on_load": boolean},
)
RADIO_BUTTONS = Shape(
    {"options": array(OPTION, 10)},
    {**_acts, "initial_option": OPTION, "focus_on_load": boolean},
)
USERS_SELECT = Shape({}, {**_picks, "initial_user": string()})
CHANNELS_SELECT = Shape({}, {**_picks, "initial_channel": string(), "response_url_enabled": boolean})
DATEPICKER = Shape({}, {**_picks, "initial_date": string(10)})
PLAIN_TEXT_INPUT = Shape(
    {},
    {
        **_input,
        "placeholder": plain_text(150),
        "initial_value": string(3000, least=0),
        "multiline": boolean,
        "min_length": integer,
        "max_length": integer,
        "dispatch_action_config": anything,
    },
)
NUMBER_INPUT = Shape(
    {"is_decimal_allowed": boolean},
    {
        **_input,
        "placeholder": plain_text(150),
        "initial_value": string(),
        "min_value": string(),
        "max_value": string(),
    },
)
IMAGE = Shape(
    {"alt_text": string(2000)},
    {"image_url": string(3000), "slack_file": Shape({}, {"id": string(), "url": string()})},
)

CHOICES: dict[str, Check] = {
    "static_select": STATIC_SELECT,
    "multi_static_select": MULTI_STATIC_SELECT,
    "checkboxes": CHECKBOXES,
    "radio_buttons": RADIO_BUTTONS,
    "users_select": USERS_SELECT,
    "channels_select": CHANNELS_SELECT,
    "datepicker": DATEPICKER,
}
IN_ACTIONS: Check = by_type({"button": BUTTON, "overflow": OVERFLOW, **CHOICES})
ACCESSORY: Check = by_type({"button": BUTTON, "overflow": OVERFLOW, "image": IMAGE, **CHOICES})
IN_INPUT: Check = by_type({"plain_text_input": PLAIN_TEXT_INPUT, "number_input": NUMBER_INPUT, **CHOICES})
IN_CONTEXT: Check = by_type(
    {
        "image": IMAGE,
        "plain_text": Shape({"text": string(2000)}, {"emoji": boolean}),
        "mrkdwn": Shape({"text": string(2000)}, {"verbatim": boolean}),
    },
)
