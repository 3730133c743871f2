# Starts the fake of CrewPass for tests. Copy this file; it needs nothing but Ruby, and crewpass-mock
# on the PATH (or named by CREWPASS_BINARY).
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
      CrewPass.call(Net::HTTP::Post, control + path, body)
    end
  end

  # Opens a session. Minitest calls `teardown`, which ends it.
  def open_session(options = {})
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
    @fake ||= begin
      program = ENV.fetch("CREWPASS_BINARY", "crewpass-mock")
      command = [program, "serve", "--bind", "127.0.0.1:0", "--json", "--stop-with-stdin", "--quiet"]
      @pipe = IO.popen(command, "r+")
      JSON.parse(@pipe.gets || raise("crewpass-mock does not start"))
    end
  end

  def self.call(method, url, body = nil)
    uri = URI(url)
    request = method.new(uri, "Content-Type" => "application/json")
    request.body = JSON.generate(body) if body
    response = Net::HTTP.start(uri.host, uri.port) { |http| http.request(request) }
    raise "#{url}: #{response.body}" unless response.is_a?(Net::HTTPSuccess)

    JSON.parse(response.body)
  end
end
