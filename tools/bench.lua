-- Sends the paths of BENCH_PATHS in a random order; with BENCH_CREW, `%07d` is a random crew member.
-- wrk repeats one finished request if there is no `request`, which costs least, so it is defined only
-- where requests differ. The last line of output is for tools/bench.py.

local crew = tonumber(os.getenv("BENCH_CREW"))
function init()
  math.randomseed(os.time())
  local key, requests = wrk.headers["Authorization"], {}
  for path in os.getenv("BENCH_PATHS"):gmatch("%S+") do
    wrk.headers["Authorization"] = not path:find("/files/") and key or nil
    requests[#requests + 1] = wrk.format("GET", path)
    wrk.path = path
  end
  if #requests > 1 then request = function() return requests[math.random(#requests)] end end
  if crew > 0 then request = function() return requests[1]:format(math.random(crew)) end end
end
function done(summary)
  local e = summary.errors
  print("RESULT", summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout)
end
