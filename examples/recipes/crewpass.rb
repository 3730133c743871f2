# Starts the fake of CrewPass for tests. Copy this file; it needs nothing but Ruby, and crewpass-mock
# on the PATH (or named by CREWPASS_BINARY). With CREWPASS_BASE it tests against a server that runs
# already: a fake, with its token in CREWPASS_MOCK_CONTROL_TOKEN, or a real environment, with CPK_KEY;
# there a test that needs a lever is skipped.
#
#   class MyTest < Minitest::Test
#     include CrewPass
#     def test_list
#       fake = open_session("clock" => "2026-06-08T10:00:00Z")
#       ...
require "json"
require "net/http"
require "uri"

module CrewPass
  # A world for one test, with its own keys, clock, store and faults.
  Session = Struct.new(:base, :key, :control, keyword_init: true) do
    # Calls the control API, for instance post("/clock", "advance" => "16m").
    def post(path, body)
      raise Minitest::Skip, "needs #{path}, a lever of the fake that #{base} does not have" unless control

      CrewPass.call(Net::HTTP::Post, control + path, body)
    end
  end

  # Opens a session. Minitest calls `teardown`, which ends it.
  def open_session(options = {})
    real = Session.new(base: CrewPass.fake["base"], key: CrewPass.fake["key"])
    return real if !CrewPass.fake["control"] && options.empty?
    real.post("/sessions", options) unless CrewPass.fake["control"]

    answer = CrewPass.call(Net::HTTP::Post, "#{CrewPass.fake["control"]}/sessions", options)
    session = Session.new(base: answer["base"], key: answer["key"], control: answer["control"])
    (@crewpass_sessions ||= []) << session
    session
  end

  def teardown
    (@crewpass_sessions || []).each { |session| CrewPass.call(Net::HTTP::Delete, session.control) }
    super
  end

  # Starts the fake once. It ends when this process does, also if that is killed: its standard input
  # ends then.
  def self.fake
    @fake ||= ENV["CREWPASS_BASE"].to_s.empty? ? start : connect(ENV["CREWPASS_BASE"].chomp("/"))
  end

  # Uses the server that runs at a base URL. Only a fake has a control API.
  def self.connect(base)
    health = Net::HTTP.get(URI("#{base}/__mock/health"))
    control = "#{base}/__mock" if health.start_with?('{"status":"ok"')
    { "base" => base, "key" => ENV["CPK_KEY"], "control" => control }
  end

  def self.start
    program = ENV.fetch("CREWPASS_BINARY", "crewpass-mock")
    command = [program, "serve", "--bind", "127.0.0.1:0", "--json", "--stop-with-stdin", "--quiet"]
    # They are options of the fake, and this machine may have some for another one.
    without = ENV.keys.grep(/\ACREWPASS_MOCK_/).to_h { |name| [name, nil] }
    @pipe = IO.popen([without, *command], "r+")
    JSON.parse(@pipe.gets || raise("crewpass-mock does not start"))
  end

  def self.call(method, url, body = nil)
    uri = URI(url)
    request = method.new(uri, "Content-Type" => "application/json")
    request.body = JSON.generate(body) if body
    token = ENV["CREWPASS_MOCK_CONTROL_TOKEN"]
    # It is for a fake that runs already.
    request["Authorization"] = "Bearer #{token}" if token && ENV["CREWPASS_BASE"]
    response = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == "https") { |http| http.request(request) }
    raise "#{url}: #{response.body}" unless response.is_a?(Net::HTTPSuccess)

    JSON.parse(response.body)
  end
end
