#!/usr/bin/env perl
# Save every document of a crew member with HTTP::Tiny, which is part of Perl: the other key header of the contract, a
# status of 599 for whatever goes wrong below HTTP, `die` for a failure (Perl then ends with 255, or the last errno).
# Not an example: it shows which habits of good clients the gate must not call wrong.
#
#     perl save_documents.pl CREW_ID OUT_DIR
#
# HTTP::Tiny needs IO::Socket::SSL for https.

use strict;
use warnings;
use utf8;
use Digest::SHA qw(sha256_hex);
use Encode qw(decode_utf8 encode_utf8);
use File::Temp qw(tempfile);
use HTTP::Tiny;
use JSON::PP qw(decode_json);
use Time::HiRes qw(sleep time);

my ($TRIES, $LINKS, $HOPS, $LARGEST) = (4, 3, 5, 256 << 20);
my $base = $ENV{BASE} =~ s{/+$}{}r;
my %hosts = map { lc() => 1 } split /,/, $ENV{CPK_LINK_HOSTS} // $base =~ s{^\w+://([^/]+).*}{$1}r;
my $stop = time + 0.7 * ($ENV{CPK_DEADLINE_S} // 3600);
my %common = (timeout => 4, max_redirect => 0, verify_SSL => 1, proxy => undef, http_proxy => undef, https_proxy => undef);
$common{SSL_options} = {SSL_ca_file => $ENV{CPK_CA_FILE}} if $ENV{CPK_CA_FILE};
my $api = HTTP::Tiny->new(%common, default_headers => {'X-Partner-API-Key' => $ENV{CPK_KEY}});
my $files = HTTP::Tiny->new(%common);

# Throws a failure: its text holds neither the key nor a link.
sub failure {
    my ($text, %more) = @_;
    die {text => $text, status => 0, code => '', tries => 1, wait => 0, %more};
}

sub refused {
    my ($answer) = @_;
    my $status = $answer->{status};
    # The text of a 599 says what happened, and no more is known of it.
    failure("no whole answer", tries => $answer->{content} =~ /timed out/i ? 2 : $answer->{content} =~ /SSL/ ? 1 : $TRIES)
        if $status == 599;
    my $error = eval { decode_json($answer->{content})->{error} };
    $error = {} if ref $error ne 'HASH';
    my ($code) = ($error->{code} // '') =~ /\A([a-z_]{1,64})\z/;
    my $after = $answer->{headers}{'retry-after'} // '';
    my $wait = ($error->{retry_after_seconds} // '') =~ /\A([\d.]+)\z/ ? $1 : 0;
    if ($after =~ /\A\d+\z/) {
        $wait = $after;
    } elsif (defined(my $date = eval { $api->_parse_http_date($after) })) {
        $wait = $date - time;
    }
    failure("HTTP $status " . ($code // ''), status => $status, code => $code // '', wait => $wait,
        tries => $status =~ /\A(?:429|502|503|504)\z/ ? $TRIES : 1);
}

sub retried {
    my ($attempt) = @_;
    for (my $number = 1; ; $number++) {
        my @found = eval { $attempt->() };
        return $found[0] if !$@;
        my $failure = $@;
        die $failure if ref $failure ne 'HASH';
        my $pause = 0.25 * 2**$number;
        $pause = $failure->{wait} + 0.01 if $failure->{wait} >= $pause;
        die $failure if $number >= $failure->{tries} || time + $pause > $stop;
        sleep $pause;
    }
}

sub json {
    my ($path) = @_;
    my $body = retried(sub {
        my $answer = $api->get($base . $path);
        $answer->{status} == 200 ? $answer->{content} : refused($answer);
    });
    my $found = eval { decode_json($body) };
    ref $found eq 'HASH' ? $found : failure('the answer is not a JSON object');
}

sub segment {
    my ($id) = @_;
    failure('an id that no path can hold') if $id =~ /\A\.{0,2}\z/;
    encode_utf8($id) =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/egr;
}

sub allowed {
    my ($url) = @_;
    my ($scheme, $place) = $url =~ m{\A(https?)://([^/?#\@\s]+)[/?][!-~]*\z}i;
    my $is_safe = defined $scheme && (lc $scheme eq 'https' || $base !~ /\Ahttps:/i);
    failure('a link that is not on a CrewPass host') if !$is_safe || !$hosts{lc $place};
    return $url;
}

sub save {
    my ($url, $folder, $name) = @_;
    my ($part, $path) = tempfile('.part-XXXXXX', DIR => $folder);
    binmode $part;
    eval {
        my $size = 0;
        for (my $hop = 0; ; $hop++) {
            my $begun = time;
            my $answer = $files->get(allowed($url), {data_callback => sub {
                my ($piece, $head) = @_;
                if ($head->{status} != 200) {
                    $head->{so_far} .= $piece;
                    return;
                }
                $size += length $piece;
                failure('the file is too large') if $size > $LARGEST;
                failure('the file comes too slowly') if time > $stop || (time - $begun > 5 && $size < 5000);
                print {$part} $piece or failure('the disk is full');
            }});
            $answer->{content} ||= $answer->{so_far} // '';
            # What the callback throws ends up in here.
            failure('too large, or too slow') if $answer->{status} == 599 && $answer->{content} =~ /HASH\(/;
            my $location = $answer->{headers}{location};
            if ($answer->{status} =~ /\A30[12378]\z/ && defined $location && $hop < $HOPS) {
                my ($origin) = $url =~ m{\A(\w+://[^/?]+)};
                $url = $location =~ m{\A\w[\w+.-]*:} ? $location : $origin . $location;
                next;
            }
            refused($answer) if $answer->{status} != 200;
            failure('a page instead of the file') if ($answer->{headers}{'content-type'} // '') =~ m{\Atext/html};
            last;
        }
        failure('the file is empty') if !$size;
        close $part or failure('the disk is full');
        chmod 0644, $path;
        rename $path, "$folder/$name" or failure("can't rename");
    };
    my $failure = $@;
    unlink $path;
    die $failure if $failure;
}

sub document {
    my ($list, $id, $folder) = @_;
    for my $number (1 .. $LINKS) {
        my $link = json("$list/" . segment($id) . '/download');
        failure("another document's link") if ($link->{document_id} // $id) ne $id;
        my $url = $link->{download_url};
        failure('the answer has no download_url') if !defined $url || ref $url || $url eq '';
        my $plain = ($link->{file_name} // 'document') =~ s/[^A-Za-z0-9_.-]/_/gr;
        my $name = substr(sha256_hex(encode_utf8 $id), 0, 12) . '-' . substr($plain, -80 < -length $plain ? 0 : -80);
        $name =~ s/\.+\z//;
        eval { retried(sub { save($url, $folder, $name) }) };
        return $name if !$@;
        die $@ if ref $@ ne 'HASH' || $@->{status} !~ /\A(?:403|404|410)\z/ || $number == $LINKS;
    }
}

sub main {
    my ($crew, $folder) = (decode_utf8($_[0]), $_[1]);
    failure('the key goes over TLS only') if $base !~ m{\Ahttps:|\Ahttp://(?:localhost|127[.\d]+|\[::1\])(?:[:/]|\z)}i;
    my $list = '/api/v2/employers/me/crew/' . segment($crew) . '/documents';
    my $found = json($list);
    failure('not the list of the crew member')
        if ($found->{crew_unique_id} // $crew) ne $crew || ref $found->{items} ne 'ARRAY';
    my $missing = 0;
    for my $item (@{$found->{items}}) {
        my $name = eval { document($list, $item->{document_id}, $folder) };
        if (my $failure = $@) {
            die $failure if ref $failure ne 'HASH';
            $missing++;
            warn 'document ' . $item->{document_id} =~ s/[^ -~]/?/gr . ": $failure->{text}\n";
            last if $failure->{code} =~ /\Ascope_not_/;
            next;
        }
        print "saved $name\n";
    }
    failure("$missing documents are missing") if $missing;
}

eval { main(@ARGV); 1 } or die ref $@ eq 'HASH' ? "$@->{text}\n" : $@;
