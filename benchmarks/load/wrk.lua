-- Requests from a file, one `PATH BODY` a line, each under an idempotency key of its own.
local orders, run, sent = {}, "", 0

function init(arguments)
   run = arguments[1]
   for line in io.lines(arguments[2]) do
      local path, body = line:match("^(%S+) (.*)$")
      orders[#orders + 1] = { path, body }
   end
end

function request()
   sent = sent + 1
   local order = orders[sent % #orders + 1]
   wrk.headers["Idempotency-Key"] = run .. "-" .. sent
   return wrk.format("POST", order[1], nil, order[2])
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      'RESULT {"requests": %d, "seconds": %f, "failed": %d, "p50_ms": %f, "p99_ms": %f}\n',
      summary.requests, summary.duration / 1e6,
      errors.status + errors.connect + errors.read + errors.write + errors.timeout,
      latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
