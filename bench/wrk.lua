-- Prints what was measured as one line of JSON. With INSERT_PREFIX set, each request creates an agency of a new code.

local prefix = os.getenv("INSERT_PREFIX")

if prefix then
  local n = 0
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  request = function()
    n = n + 1
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
