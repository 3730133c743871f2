require "minitest/autorun"
require_relative "crewpass"

class CrewPassTest < Minitest::Test
  include CrewPass

  def ask(fake)
    uri = URI("#{fake.base}/api/v2/employers/me/crew/crew_001/documents/doc_1/download")
    Net::HTTP.get_response(uri, { "Authorization" => "Bearer #{fake.key}" }).code.to_i
  end

  def test_the_store_is_down_once
    fake = open_session
    fake.post("/store", { down: true, at: "link", times: 1 })
    assert_equal [503, 200], [ask(fake), ask(fake)]
  end

  def test_another_session_sees_nothing_of_it
    one = open_session
    other = open_session("clock" => "2026-06-08T10:00:00Z")
    one.post("/store", { down: true, at: "link", times: 1 })
    assert_equal 200, ask(other)
  end
end
