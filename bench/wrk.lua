-- Prints what was measured as one line of JSON. With ANEW set, each request has an address of its own that means the same, so
-- that none is answered from the server's memory. With INSERT_PREFIX set, each request creates something of a new code: an
-- agency, or an initiative in one of the neighbourhoods that INSERT_PLACES names, separated by commas.

local prefix = os.getenv("INSERT_PREFIX")
local places = {}
for place in (os.getenv("INSERT_PLACES") or ""):gmatch("[^,]+") do
  places[#places + 1] = place
end

if os.getenv("ANEW") then
  math.randomseed(os.time())
  request = function()
    local address = wrk.path:gsub("&", function() return ("&"):rep(math.random(64)) end)
    return wrk.format(nil, address)
  end
end

if prefix then
  local n = 0
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  request = function()
    n = n + 1
    if #places > 0 then
      local body = '{"code":"%s-%d","title":"طرح آزمایشی %d","domain":"sport","neighborhood_id":"%s"}'
      return wrk.format(nil, nil, nil, body:format(prefix, n, n, places[n % #places + 1]))
    end
    local body = '{"code":"%s-%d","name":"اداره آزمایشی %d","kind":"other"}'
    return wrk.format(nil, nil, nil, body:format(prefix, n, n))
  end
end

function done(summary, latency, _)
  local faults = summary.errors
  print(("\nRESULT " .. '{"requests":%d,"seconds":%f,"p50_ms":%f,"p99_ms":%f,"refused":%d,"broken":%d}'):format(
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    faults.status, faults.connect + faults.read + faults.write + faults.timeout))
end
