// The shortcodes a release bot is likely to use; an unknown one stays as it was written.

const table = {
  "+1": "👍", "-1": "👎", alarm_clock: "⏰", arrow_down: "⬇️", arrow_left: "⬅️", arrow_right: "➡️", arrow_up: "⬆️",
  arrows_counterclockwise: "🔄", ballot_box_with_check: "☑️", bar_chart: "📊", bell: "🔔", black_circle: "⚫",
  blue_circle: "🔵", boom: "💥", bug: "🐛", bulb: "💡", calendar: "📅", chart_with_downwards_trend: "📉",
  chart_with_upwards_trend: "📈", clipboard: "📋", clock1: "🕐", construction: "🚧", double_vertical_bar: "⏸️",
  exclamation: "❗", eyes: "👀", fire: "🔥", gear: "⚙️", green_circle: "🟢", hammer_and_wrench: "🛠️", hatched_chick: "🐥",
  heavy_check_mark: "✔️", heavy_minus_sign: "➖", heavy_multiplication_x: "✖️", heavy_plus_sign: "➕", hourglass: "⌛",
  hourglass_flowing_sand: "⏳", information_source: "ℹ️", key: "🔑", large_blue_circle: "🔵", large_green_circle: "🟢",
  large_orange_circle: "🟠", large_yellow_circle: "🟡", leftwards_arrow_with_hook: "↩️", link: "🔗", lock: "🔒",
  mag: "🔍", memo: "📝", next_track_button: "⏭️", no_entry: "⛔", no_entry_sign: "🚫", ok_hand: "👌", orange_circle: "🟠",
  package: "📦", page_facing_up: "📄", pause_button: "⏸️", point_right: "👉", pushpin: "📌", question: "❓",
  raised_hand: "✋", red_circle: "🔴", repeat: "🔁", rewind: "⏪", robot_face: "🤖", rocket: "🚀", rotating_light: "🚨",
  shield: "🛡️", shrug: "🤷", skull: "💀", snowflake: "❄️", sparkles: "✨", speech_balloon: "💬", star: "⭐",
  stopwatch: "⏱️", tada: "🎉", thinking_face: "🤔", thumbsdown: "👎", thumbsup: "👍", traffic_light: "🚦", unlock: "🔓",
  vertical_traffic_light: "🚦", warning: "⚠️", wave: "👋", white_check_mark: "✅", white_circle: "⚪", wrench: "🔧",
  x: "❌", yellow_circle: "🟡", zap: "⚡",
};

export const emoji = (name) => table[name] ?? null;
