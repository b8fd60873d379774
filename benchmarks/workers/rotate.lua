-- wrk asks with one body after another. Arguments: a file with a body a line, the place to report to.
local requests, at = {}, 0

function init(arguments)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  for body in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format(nil, nil, nil, body)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format(
    '{"requests": %d, "failed": %d, "seconds": %f, "p50": %f, "p99": %f}\n',
    summary.requests, failed, summary.duration / 1e6, latency:percentile(50) / 1e6, latency:percentile(99) / 1e6))
end
