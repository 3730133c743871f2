//! Names of people in many scripts: those of the fake crate where it has them, lists of our own where it does not.

use fake::Fake;
use fake::faker::name::raw::Name;
use fake::locales::{AR_SA, CY_GB, DE_DE, Data, EN, FA_IR, FR_FR, IT_IT, JA_JP, NL_NL, PT_BR, TR_TR, ZH_CN, ZH_TW};

use super::dice::{Dice, pick, weighted};

/// Given names, family names, and whether the family comes first.
struct Names {
    given: &'static [&'static str],
    family: &'static [&'static str],
    family_first: bool,
}

type Roll = fn(&mut Dice) -> String;

/// Where yacht crew come from, roughly, with every script often enough to be met in a small world.
const PEOPLES: &[(u32, Roll)] = &[
    (14, |dice| Name(EN).fake_with_rng(dice)),
    (6, |dice| Name(FR_FR).fake_with_rng(dice)),
    (5, |dice| Name(DE_DE).fake_with_rng(dice)),
    (5, |dice| Name(IT_IT).fake_with_rng(dice)),
    (4, |dice| Name(PT_BR).fake_with_rng(dice)),
    (3, |dice| Name(NL_NL).fake_with_rng(dice)),
    (3, |dice| Name(TR_TR).fake_with_rng(dice)),
    (2, |dice| Name(CY_GB).fake_with_rng(dice)),
    (8, |dice| own(dice, &FILIPINO)),
    (6, |dice| own(dice, &CENTRAL_EUROPEAN)),
    (3, |dice| own(dice, &VIETNAMESE)),
    (7, cyrillic),
    (7, greek),
    (5, |dice| full(dice, ZH_CN)),
    (2, |dice| full(dice, ZH_TW)),
    (5, |dice| full(dice, JA_JP)),
    (2, |dice| own(dice, &KOREAN)),
    (3, |dice| full(dice, AR_SA)),
    (2, |dice| full(dice, FA_IR)),
    (2, |dice| own(dice, &HEBREW)),
    (2, |dice| own(dice, &HINDI)),
    (2, |dice| own(dice, &THAI)),
    (1, |dice| own(dice, &GEORGIAN)),
    (1, |dice| own(dice, &ARMENIAN)),
];

/// A person's name.
pub(super) fn person(dice: &mut Dice) -> Box<str> {
    weighted(dice, PEOPLES)(dice).into_boxed_str()
}

fn full<L: Data + Copy>(dice: &mut Dice, locale: L) -> String {
    Name(locale).fake_with_rng(dice)
}

fn own(dice: &mut Dice, names: &Names) -> String {
    let (given, family) = (pick(dice, names.given), pick(dice, names.family));
    if names.family_first { format!("{family} {given}") } else { format!("{given} {family}") }
}

/// Family names agree with the bearer's gender, so there are two lists.
fn cyrillic(dice: &mut Dice) -> String {
    let names = pick(dice, &[CYRILLIC_MEN, CYRILLIC_WOMEN]);
    own(dice, names)
}

/// Family names agree with the bearer's gender, so there are two lists.
fn greek(dice: &mut Dice) -> String {
    let names = pick(dice, &[GREEK_MEN, GREEK_WOMEN]);
    own(dice, names)
}

const CYRILLIC_MEN: Names = Names {
    given: &["Александр", "Дмитро", "Иван", "Сергей", "Тарас", "Олексій", "Георги", "Никола", "Юрій", "Фёдор"],
    family: &["Шевченко", "Бондаренко", "Морозов", "Кузнецов", "Димитров", "Петровић", "Ткачук", "Соловьёв"],
    family_first: false,
};
const CYRILLIC_WOMEN: Names = Names {
    given: &["Анна", "Ольга", "Наталія", "Екатерина", "Марија", "Ірина", "Светлана", "Елена", "Юлія", "Зоя"],
    family: &["Шевченко", "Бондаренко", "Морозова", "Кузнецова", "Димитрова", "Петровић", "Ткачук", "Соловьёва"],
    family_first: false,
};
const GREEK_MEN: Names = Names {
    given: &["Γιώργος", "Νίκος", "Δημήτρης", "Κωνσταντίνος", "Σπύρος", "Λευτέρης", "Ανδρέας", "Στέλιος"],
    family: &["Παπαδόπουλος", "Οικονόμου", "Γεωργίου", "Μακρής", "Νικολαΐδης", "Αγγελόπουλος", "Θαλασσινός"],
    family_first: false,
};
const GREEK_WOMEN: Names = Names {
    given: &["Μαρία", "Ελένη", "Κατερίνα", "Σοφία", "Αγγελική", "Δέσποινα", "Ιωάννα", "Χρυσούλα"],
    family: &["Παπαδοπούλου", "Οικονόμου", "Γεωργίου", "Μακρή", "Νικολαΐδου", "Αγγελοπούλου", "Θαλασσινού"],
    family_first: false,
};
const FILIPINO: Names = Names {
    given: &["Jose Mari", "Maria Cristina", "Rodel", "Jun-Jun", "Marisol", "Aldrin", "Rowena", "Crisanto", "Ma. Luz"],
    family: &["Dela Cruz", "Santos", "Reyes", "Bautista", "Magsaysay", "Villanueva", "Peña", "Ocampo", "Nuñez"],
    family_first: false,
};
const CENTRAL_EUROPEAN: Names = Names {
    given: &["Łukasz", "Małgorzata", "Jiří", "Zdeněk", "Želimir", "Šime", "Győző", "Ágnes", "Ștefan", "Ionuț"],
    family: &["Wiśniewski", "Błaszczyk", "Dvořáček", "Kovačević", "Đurić", "Žižek", "Szűcs", "Nagy", "Țăranu"],
    family_first: false,
};
const VIETNAMESE: Names = Names {
    given: &["Thị Hồng", "Văn Đức", "Quốc Việt", "Ngọc Ánh", "Hữu Phước", "Thị Mỹ Lệ"],
    family: &["Nguyễn", "Trần", "Lê", "Phạm", "Đặng", "Huỳnh"],
    family_first: true,
};
const KOREAN: Names = Names {
    given: &["민준", "서연", "지훈", "하은", "도윤", "수빈"],
    family: &["김", "이", "박", "최", "정", "강"],
    family_first: true,
};
const HEBREW: Names = Names {
    given: &["דוד", "נועה", "יוסף", "שירה", "אורי", "תמר", "איתי", "מיכל"],
    family: &["כהן", "לוי", "מזרחי", "פרידמן", "ביטון", "שפירא"],
    family_first: false,
};
const HINDI: Names = Names {
    given: &["अर्जुन", "प्रिया", "राजेश", "सुनीता", "विक्रम", "कविता", "श्रेया"],
    family: &["शर्मा", "वर्मा", "पटेल", "सिंह", "मिश्रा", "नायर"],
    family_first: false,
};
const THAI: Names = Names {
    given: &["สมชาย", "สุดารัตน์", "ณัฐวุฒิ", "พิมพ์ชนก", "ธนพล", "กนกวรรณ"],
    family: &["ศรีสุวรรณ", "วงศ์สวัสดิ์", "ใจดี", "รัตนกุล", "ทองคำ"],
    family_first: false,
};
const GEORGIAN: Names = Names {
    given: &["გიორგი", "ნინო", "დავით", "თამარ", "ლევან"],
    family: &["ბერიძე", "კაპანაძე", "გელაშვილი", "მაისურაძე"],
    family_first: false,
};
const ARMENIAN: Names = Names {
    given: &["Արամ", "Անահիտ", "Տիգրան", "Լուսինե", "Հայկ"],
    family: &["Հովհաննիսյան", "Սարգսյան", "Գրիգորյան", "Պետրոսյան"],
    family_first: false,
};
