# Save every document of a crew member with net/http: a connection that is kept for the API, one for each link, a
# Tempfile in TMPDIR that is moved. Ruby repeats a GET once by itself if its connection breaks, and asks for gzip.
# Not an example: it shows which habits of good clients the gate must not call wrong.
#
#     ruby save_documents.rb CREW_ID OUT_DIR

require "digest"
require "erb"
require "fileutils"
require "json"
require "net/http"
require "openssl"
require "tempfile"
require "time"
require "timeout"

BASE = URI(ENV.fetch("BASE").chomp("/"))
HOSTS = ENV.fetch("CPK_LINK_HOSTS", "#{BASE.host}:#{BASE.port}").split(",")
TRIES, LINKS, HOPS, LARGEST = 4, 3, 5, 256 << 20
STOP = Process.clock_gettime(Process::CLOCK_MONOTONIC) + 0.7 * ENV.fetch("CPK_DEADLINE_S", "3600").to_f

# A step that failed. Its text holds neither the key nor a link.
class Failure < StandardError
  attr_reader :status, :code, :tries, :wait

  def initialize(text, status: nil, code: nil, tries: 1, wait: 0)
    super(text)
    @status, @code, @tries, @wait = status, code, tries, wait
  end
end

def left = STOP - Process.clock_gettime(Process::CLOCK_MONOTONIC)

def connect(uri)
  http = Net::HTTP.new(uri.host, uri.port, nil)
  http.use_ssl = uri.scheme == "https"
  http.ca_file = ENV["CPK_CA_FILE"] if ENV["CPK_CA_FILE"]
  http.open_timeout = http.read_timeout = 3
  http.start
end

def refused(answer)
  error = begin
    JSON.parse(answer.body)["error"].to_h
  rescue StandardError
    {}
  end
  after = answer["Retry-After"].to_s
  wait = error["retry_after_seconds"].is_a?(Numeric) ? error["retry_after_seconds"] : 0
  if after.match?(/\A\d+\z/)
    wait = after.to_i
  elsif (date = Time.httpdate(after) rescue nil)
    wait = date - Time.now
  end
  status = answer.code.to_i
  code = error["code"].to_s[/\A[a-z_]{1,64}\z/]
  Failure.new("HTTP #{status} #{code}", status:, code:, wait:, tries: [429, 502, 503, 504].include?(status) ? TRIES : 1)
end

def retried
  (1..).each do |number|
    failure =
      begin
        return yield
      rescue Failure => failure
        failure
      rescue Net::OpenTimeout, Net::ReadTimeout
        Failure.new("no answer in time")
      rescue OpenSSL::SSL::SSLError
        Failure.new("no trusted connection")
      rescue SystemCallError, IOError, Net::ProtocolError, Zlib::Error => error
        Failure.new("no whole answer: #{error.class}", tries: TRIES)
      end
    pause = [failure.wait + 0.01, 0.25 * 2**number].max
    raise failure if number >= failure.tries || pause > left
    sleep pause
  end
end

def json(path)
  answer = retried do
    @api = connect(BASE) unless @api&.started?
    found = @api.get(BASE.path + path, "Authorization" => "Bearer #{ENV.fetch('CPK_KEY')}")
    raise refused(found) unless found.code == "200"
    found
  rescue StandardError
    @api&.finish if @api&.started?
    raise
  end
  found = JSON.parse(answer.body)
  found.is_a?(Hash) ? found : raise(Failure, "the answer is not an object")
rescue JSON::ParserError
  raise Failure, "the answer is not JSON"
end

def allowed(text)
  uri = URI(text)
  is_safe = uri.scheme == "https" || (uri.scheme == "http" && BASE.scheme != "https")
  return uri if is_safe && uri.userinfo.nil? && HOSTS.include?("#{uri.host}:#{uri.port}")
  raise Failure, "a link that is not on a CrewPass host"
rescue URI::Error
  raise Failure, "a link that can't be read"
end

def segment(id)
  raise Failure, "an id that no path can hold" if ["", ".", ".."].include?(id)
  ERB::Util.url_encode(id)
end

def follow(uri, file, hops = HOPS)
  http = connect(uri)
  http.request_get(uri.request_uri, "Accept-Encoding" => "identity") do |answer|
    if answer.is_a?(Net::HTTPRedirection) && answer["Location"] && hops.positive?
      return follow(allowed(URI.join(uri, answer["Location"]).to_s), file, hops - 1)
    end
    raise refused(answer) unless answer.code == "200"
    raise Failure, "a page instead of the file" if answer.content_type == "text/html"
    answer.read_body do |piece|
      file.write(piece)
      raise Failure, "the file is too large, or too slow" if file.pos > LARGEST || left.negative?
    end
    # Net::HTTP takes a body that ends before its length for whole.
    raise EOFError if answer.content_length && answer.content_length != file.pos
  end
  raise Failure, "the file is empty" if file.pos.zero?
ensure
  http&.finish if http&.started?
end

def save(uri, target)
  Tempfile.create("document", binmode: true) do |file|
    follow(uri, file)
    file.close
    File.chmod(0o644, file.path)
    FileUtils.mv(file.path, target)
  end
end

def document(list, id, folder)
  (1..LINKS).each do |number|
    link = json("#{list}/#{segment(id)}/download")
    raise Failure, "another document's link" if link.fetch("document_id", id) != id
    raise Failure, "the answer has no download_url" unless link["download_url"].is_a?(String)
    uri = allowed(link["download_url"])
    plain = link["file_name"].to_s.gsub(/[^\w.-]/, "_").chars.last(80).join
    name = "#{Digest::SHA256.hexdigest(id)[0, 12]} #{plain}".sub(/[. ]+\z/, "")
    begin
      retried { save(uri, File.join(folder, name)) }
      return name
    rescue Failure => failure
      raise if number == LINKS || ![403, 404, 410].include?(failure.status)
    end
  end
end

def main(crew, folder)
  abort "the key goes over TLS only" unless BASE.scheme == "https" || BASE.host.match?(/\A(localhost|127[.\d]+|\[::1\])\z/)
  list = "/api/v2/employers/me/crew/#{segment(crew)}/documents"
  found = json(list)
  unless found.fetch("crew_unique_id", crew) == crew && found["items"].is_a?(Array)
    raise Failure, "this is not the list of the crew member"
  end
  missing = 0
  found["items"].each do |item|
    puts "saved #{document(list, item['document_id'], folder)}"
  rescue Failure => failure
    missing += 1
    warn "document #{item['document_id'].dump}: #{failure.message}"
    break if failure.code&.start_with?("scope_not_")
  end
  abort "#{missing} documents are missing" if missing.positive?
end

begin
  main(*ARGV)
rescue Failure => failure
  abort failure.message
end
