-- uses pass
-- KEYS: pass   Answers {due, asked} or nil.
return state(KEYS[1])
