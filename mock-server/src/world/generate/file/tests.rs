//! Properties of every generated file: valid for its kind, its nonce once, the same from the same seed.

use super::super::{Recipe, file, generate, nonce};
use crate::world::{Document, GeneratedKind};

const KINDS: [GeneratedKind; 6] = [
    GeneratedKind::Pdf,
    GeneratedKind::Png,
    GeneratedKind::Jpeg,
    GeneratedKind::Bytes,
    GeneratedKind::Text,
    GeneratedKind::Json,
];
const SIZES: [Option<u64>; 6] = [None, Some(0), Some(5_000), Some(20_001), Some(65_540), Some(300_000)];

fn some_documents() -> Vec<Document> {
    let world = generate(&Recipe { crew: 4, documents: 6, seed: 3, hostile: true });
    let mut documents: Vec<_> = world.crew.into_iter().flat_map(|member| member.documents).collect();
    documents[1].title = "Свидетельство (\\) 証明書 شهادة".into();
    documents[1].id = "doc ) endstream é".into();
    documents[1].issuer = Some("Υπουργείο Ναυτιλίας".into());
    documents[1].number = None;
    documents[2].title = "Long ".repeat(80).as_str().into();
    documents[3].title = "".into();
    documents
}

/// Checks every kind and size with the judge of that kind.
fn each(kind: GeneratedKind, judge: fn(&[u8])) {
    for document in some_documents() {
        for size in SIZES {
            let bytes = file(3, &document, kind, size);
            assert!(bytes.len() as u64 >= size.unwrap_or(0), "{size:?}");
            let spare = bytes.len() as u64 - size.unwrap_or(0);
            assert!(spare < 1024 || size.unwrap_or(0) < 20_001, "{kind:?} {size:?} has {spare} to spare");
            judge(&bytes);
        }
    }
}

fn count(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).filter(|window| *window == part).count()
}

fn find(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).position(|window| window == part).unwrap()
}

#[test]
fn the_same_seed_and_document_give_the_same_bytes_and_no_other_does() {
    let documents = some_documents();
    for kind in KINDS {
        let mut seen = std::collections::BTreeSet::new();
        for document in &documents {
            assert_eq!(file(3, document, kind, Some(9_000)), file(3, document, kind, Some(9_000)));
            assert!(seen.insert(file(3, document, kind, None)), "{kind:?} {}", document.id);
            assert!(seen.insert(file(4, document, kind, None)), "{kind:?} {}", document.id);
        }
    }
}

#[test]
fn each_file_has_its_own_nonce_once_and_no_other() {
    let documents = some_documents();
    for document in &documents {
        let own = nonce(3, &document.id);
        assert_eq!(own.len(), 47);
        for kind in KINDS {
            for size in [None, Some(80_000)] {
                let bytes = file(3, document, kind, size);
                assert_eq!(count(&bytes, own.as_bytes()), 1, "{kind:?} {size:?}");
                assert_eq!(count(&bytes, b"crewpass-nonce:"), 1, "{kind:?} {size:?}");
            }
        }
    }
}

#[test]
fn a_pdf_shows_title_number_and_id() {
    let mut document = some_documents().swap_remove(0);
    document.number = Some("PST-12345".into());
    let bytes = file(3, &document, GeneratedKind::Pdf, None);
    for part in ["(Personal Survival Techniques) Tj", "(PST-12345) Tj", "(doc_1) Tj"] {
        assert_eq!(count(&bytes, part.as_bytes()), 1, "{part}");
    }
}

#[test]
fn a_pdfs_table_leads_to_its_objects_and_its_streams_have_the_length_they_state() {
    each(GeneratedKind::Pdf, |bytes| {
        assert!(bytes.starts_with(b"%PDF-1."));
        let end = bytes.len() - 60;
        let tail = &bytes[end..];
        let at = find(tail, b"startxref\n");
        let tail = std::str::from_utf8(&tail[at..]).unwrap();
        let table: usize =
            tail.strip_prefix("startxref\n").and_then(|tail| tail.lines().next()).unwrap().parse().unwrap();
        assert!(tail.trim_end().ends_with("%%EOF"));
        let text = std::str::from_utf8(&bytes[table..]).unwrap();
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("xref"));
        let objects: usize = lines.next().and_then(|line| line.strip_prefix("0 ")).unwrap().parse().unwrap();
        for (number, line) in lines.take(objects).enumerate().skip(1) {
            let offset: usize = line[..10].parse().unwrap();
            assert_eq!(&line[10..17], " 00000 ");
            let object = &bytes[offset..];
            assert!(object.starts_with(format!("{number} 0 obj\n").as_bytes()), "{number}");
            stream_ends_where_it_says(object);
        }
    });
}

fn stream_ends_where_it_says(object: &[u8]) {
    let head = &object[..object.len().min(120)];
    let Some(start) = head.windows(7).position(|window| window == b"stream\n") else { return };
    let head = std::str::from_utf8(&head[..start]).unwrap();
    let Some((_, length)) = head.split_once("/Length ") else { return };
    let digits: String = length.chars().take_while(char::is_ascii_digit).collect();
    let end = start + 7 + digits.parse::<usize>().unwrap();
    assert!(object[end..].starts_with(b"\nendstream\nendobj"), "{head}");
}

#[test]
fn a_png_is_read_back_with_its_comment() {
    each(GeneratedKind::Png, |bytes| {
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height, info.color_type), (96, 64, png::ColorType::Rgb));
        reader.finish().unwrap();
        assert!(reader.info().uncompressed_latin1_text[0].text.starts_with("crewpass-nonce:"));
        assert!(bytes.ends_with(b"IEND\xae\x42\x60\x82"));
    });
}

#[test]
fn a_jpeg_is_read_back_and_its_comments_are_whole() {
    each(GeneratedKind::Jpeg, |bytes| {
        let mut decoder = jpeg_decoder::Decoder::new(bytes);
        let pixels = decoder.decode().unwrap();
        assert_eq!(pixels.len(), 96 * 64 * 3);
        assert_eq!(&bytes[..4], b"\xff\xd8\xff\xe0");
        let comment = 4 + usize::from(u16::from_be_bytes([bytes[4], bytes[5]]));
        assert_eq!(&bytes[comment..comment + 2], b"\xff\xfe");
        assert!(bytes[comment + 4..].starts_with(b"crewpass-nonce:"));
        assert!(bytes.ends_with(b"\xff\xd9"));
    });
}

#[test]
fn plain_bytes_hold_what_trips_a_text_reader() {
    each(GeneratedKind::Bytes, |bytes| {
        for part in [&b"\0"[..], b"\r\n", b"\x1a", b"\r\x1a", b"\xff"] {
            assert!(count(bytes, part) > 0, "{part:?}");
        }
    });
}

#[test]
fn what_begins_like_text_or_json_is_one() {
    each(GeneratedKind::Text, |bytes| {
        assert!(std::str::from_utf8(bytes).unwrap().starts_with("\u{feff}crewpass-nonce:"));
        assert!(bytes.ends_with(b"\r\n"));
    });
    each(GeneratedKind::Json, |bytes| {
        let value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        assert!(bytes.starts_with(b"{\"error\"") && value["nonce"].is_string());
        assert_ne!(serde_json::to_vec(&value).unwrap(), bytes);
    });
}
