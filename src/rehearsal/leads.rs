//! Made-up leads: fictional people at numbers that are nobody's.
//!
//! The North American numbering plan keeps 555-0100 to 555-0199 of every area code for fiction
//! (ATIS-0300115): a number here rings nobody's phone even when it is dialed by mistake.

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_pcg::Pcg64Mcg;
use serde::Serialize;

use crate::domain::{Country, PhoneNumber};
use crate::store::import::NewLead;

/// The most leads that can be made: 100 numbers in each area code of the table.
pub const LEADS_MAX: usize = AREAS.len() * 100;

/// A made-up lead. Serialized, it is a row of the file that `outdial import` reads.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MadeUpLead {
    /// E.164; no two leads share one.
    pub phone: PhoneNumber,
    /// From a list of common names.
    pub first_name: &'static str,
    /// From a list of common names.
    pub last_name: &'static str,
    /// Of the area code.
    pub state: &'static str,
    /// One of the area code's.
    pub zip: &'static str,
}

impl From<MadeUpLead> for NewLead {
    fn from(lead: MadeUpLead) -> Self {
        Self {
            number: lead.phone,
            first_name: Some(lead.first_name.to_owned()),
            last_name: Some(lead.last_name.to_owned()),
            state: Some(lead.state.to_owned()),
            zip: Some(lead.zip.to_owned()),
            attributes: BTreeMap::new(),
        }
    }
}

/// Makes `count` leads, at most [`LEADS_MAX`]. The same seed makes the same leads, and the first
/// of many are the same as those of few.
pub fn leads(seed: u64, count: usize) -> Vec<MadeUpLead> {
    let Some(country) = Country::new("US") else { return Vec::new() };
    let mut chance = Pcg64Mcg::seed_from_u64(seed);
    let mut lines: Vec<(usize, u8)> =
        (0..AREAS.len()).flat_map(|area| (0..100).map(move |line| (area, line))).collect();
    lines.shuffle(&mut chance);
    let people = lines.into_iter().filter_map(|(area, line)| {
        let (code, state, zip) = AREAS[area];
        let phone = PhoneNumber::parse(&format!("+1{code}55501{line:02}"), country).ok()?;
        let first_name = FIRST_NAMES.choose(&mut chance)?;
        let last_name = LAST_NAMES.choose(&mut chance)?;
        Some(MadeUpLead { phone, first_name, last_name, state, zip })
    });
    people.take(count).collect()
}

/// The leads as a CSV file with a header, as `outdial import` reads it.
///
/// # Errors
/// None in practice: the writer is memory.
pub fn to_csv(leads: &[MadeUpLead]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for lead in leads {
        writer.serialize(lead)?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// Area code, state, and a ZIP code in it.
#[rustfmt::skip]
const AREAS: [(&str, &str, &str); 156] = [
    ("201", "NJ", "07302"), ("202", "DC", "20001"), ("203", "CT", "06510"), ("205", "AL", "35203"),
    ("206", "WA", "98101"), ("207", "ME", "04101"), ("208", "ID", "83702"), ("209", "CA", "95202"),
    ("210", "TX", "78205"), ("212", "NY", "10001"), ("213", "CA", "90012"), ("214", "TX", "75201"),
    ("215", "PA", "19102"), ("216", "OH", "44113"), ("217", "IL", "62701"), ("219", "IN", "46402"),
    ("224", "IL", "60201"), ("225", "LA", "70801"), ("228", "MS", "39501"), ("229", "GA", "31701"),
    ("231", "MI", "49684"), ("234", "OH", "44308"), ("239", "FL", "33901"), ("240", "MD", "20850"),
    ("248", "MI", "48226"), ("251", "AL", "36602"), ("252", "NC", "27834"), ("253", "WA", "98402"),
    ("254", "TX", "76701"), ("256", "AL", "35801"), ("260", "IN", "46802"), ("262", "WI", "53186"),
    ("267", "PA", "19103"), ("269", "MI", "49007"), ("270", "KY", "42101"), ("276", "VA", "24112"),
    ("281", "TX", "77002"), ("301", "MD", "21701"), ("302", "DE", "19801"), ("303", "CO", "80202"),
    ("304", "WV", "25301"), ("305", "FL", "33130"), ("307", "WY", "82001"), ("308", "NE", "68801"),
    ("309", "IL", "61602"), ("310", "CA", "90210"), ("312", "IL", "60601"), ("313", "MI", "48226"),
    ("314", "MO", "63101"), ("315", "NY", "13202"), ("316", "KS", "67202"), ("317", "IN", "46204"),
    ("318", "LA", "71101"), ("319", "IA", "52401"), ("320", "MN", "56301"), ("321", "FL", "32901"),
    ("323", "CA", "90028"), ("325", "TX", "79601"), ("330", "OH", "44308"), ("334", "AL", "36104"),
    ("336", "NC", "27401"), ("337", "LA", "70501"), ("347", "NY", "11201"), ("352", "FL", "32601"),
    ("360", "WA", "98225"), ("361", "TX", "78401"), ("386", "FL", "32114"), ("401", "RI", "02903"),
    ("402", "NE", "68102"), ("404", "GA", "30303"), ("405", "OK", "73102"), ("406", "MT", "59601"),
    ("407", "FL", "32801"), ("408", "CA", "95113"), ("409", "TX", "77701"), ("410", "MD", "21202"),
    ("412", "PA", "15222"), ("413", "MA", "01103"), ("414", "WI", "53202"), ("415", "CA", "94103"),
    ("417", "MO", "65806"), ("419", "OH", "43604"), ("423", "TN", "37402"), ("425", "WA", "98004"),
    ("432", "TX", "79701"), ("434", "VA", "22902"), ("435", "UT", "84770"), ("440", "OH", "44035"),
    ("443", "MD", "21401"), ("469", "TX", "75001"), ("478", "GA", "31201"), ("479", "AR", "72901"),
    ("480", "AZ", "85251"), ("484", "PA", "18101"), ("501", "AR", "72201"), ("502", "KY", "40202"),
    ("503", "OR", "97204"), ("504", "LA", "70112"), ("505", "NM", "87102"), ("507", "MN", "55901"),
    ("508", "MA", "01608"), ("509", "WA", "99201"), ("512", "TX", "78701"), ("513", "OH", "45202"),
    ("515", "IA", "50309"), ("516", "NY", "11501"), ("518", "NY", "12207"), ("520", "AZ", "85701"),
    ("530", "CA", "96001"), ("540", "VA", "24011"), ("541", "OR", "97401"), ("559", "CA", "93721"),
    ("561", "FL", "33401"), ("585", "NY", "14604"), ("601", "MS", "39201"), ("602", "AZ", "85003"),
    ("603", "NH", "03101"), ("605", "SD", "57501"), ("606", "KY", "41501"), ("607", "NY", "13901"),
    ("608", "WI", "53703"), ("609", "NJ", "08608"), ("612", "MN", "55401"), ("614", "OH", "43215"),
    ("615", "TN", "37203"), ("616", "MI", "49503"), ("617", "MA", "02108"), ("619", "CA", "92101"),
    ("701", "ND", "58501"), ("702", "NV", "89101"), ("703", "VA", "22201"), ("704", "NC", "28202"),
    ("716", "NY", "14202"), ("717", "PA", "17101"), ("718", "NY", "10451"), ("720", "CO", "80203"),
    ("757", "VA", "23510"), ("775", "NV", "89501"), ("785", "KS", "66603"), ("801", "UT", "84111"),
    ("802", "VT", "05401"), ("803", "SC", "29201"), ("804", "VA", "23219"), ("808", "HI", "96813"),
    ("816", "MO", "64106"), ("817", "TX", "76102"), ("843", "SC", "29401"), ("901", "TN", "38103"),
    ("904", "FL", "32202"), ("907", "AK", "99501"), ("913", "KS", "66101"), ("915", "TX", "79901"),
    ("916", "CA", "95814"), ("918", "OK", "74103"), ("919", "NC", "27601"), ("970", "CO", "80524"),
];

#[rustfmt::skip]
const FIRST_NAMES: [&str; 144] = [
    "Aaron", "Abigail", "Adam", "Alice", "Amy", "Andrea", "Andrew", "Angela", "Anna", "Anthony",
    "Barbara", "Benjamin", "Betty", "Brandon", "Brenda", "Brian", "Carl", "Carmen", "Carol",
    "Catherine", "Charles", "Cheryl", "Christina", "Cynthia", "Daniel", "David", "Deborah",
    "Dennis", "Diana", "Donna", "Dorothy", "Edward", "Elena", "Emily", "Emma", "Eric", "Ethan",
    "Eva", "Frances", "Frank", "Gary", "George", "Gloria", "Grace", "Gregory", "Hannah", "Harold",
    "Heather", "Helen", "Henry", "Irene", "Jack", "Jacob", "James", "Janet", "Jason", "Jean",
    "Jeffrey", "Jennifer", "Jeremy", "Jessica", "Joan", "Joe", "John", "Jordan", "Joseph", "Joyce",
    "Juan", "Judith", "Julia", "Karen", "Katherine", "Keith", "Kelly", "Kenneth", "Kevin", "Kyle",
    "Larry", "Laura", "Lauren", "Lawrence", "Linda", "Lisa", "Logan", "Louis", "Luis", "Margaret",
    "Maria", "Marie", "Mark", "Martha", "Mary", "Matthew", "Megan", "Melissa", "Michael", "Nancy",
    "Nathan", "Nicole", "Noah", "Olivia", "Pamela", "Patricia", "Patrick", "Paul", "Peter",
    "Philip", "Rachel", "Ralph", "Raymond", "Rebecca", "Richard", "Robert", "Roger", "Ronald",
    "Rosa", "Rose", "Ruth", "Ryan", "Samantha", "Samuel", "Sandra", "Sarah", "Scott", "Sean",
    "Sharon", "Sofia", "Sophia", "Stephanie", "Stephen", "Steven", "Susan", "Teresa", "Theresa",
    "Thomas", "Timothy", "Tyler", "Victoria", "Vincent", "Virginia", "Walter", "Wayne", "William",
    "Zachary",
];

#[rustfmt::skip]
const LAST_NAMES: [&str; 132] = [
    "Adams", "Alexander", "Allen", "Alvarez", "Anderson", "Bailey", "Baker", "Barnes", "Bennett",
    "Brooks", "Brown", "Bryant", "Butler", "Campbell", "Carter", "Castillo", "Chavez", "Clark",
    "Coleman", "Collins", "Cook", "Cooper", "Cox", "Cruz", "Davis", "Diaz", "Edwards", "Evans",
    "Fisher", "Flores", "Ford", "Foster", "Garcia", "Gibson", "Gomez", "Gonzales", "Graham",
    "Gray", "Green", "Griffin", "Gutierrez", "Hall", "Hamilton", "Harris", "Harrison", "Hayes",
    "Henderson", "Hernandez", "Hill", "Howard", "Hughes", "Jackson", "James", "Jenkins", "Jimenez",
    "Johnson", "Jones", "Jordan", "Kelly", "Kennedy", "Kim", "King", "Lee", "Lewis", "Long",
    "Lopez", "Marshall", "Martin", "Martinez", "McDonald", "Mendoza", "Miller", "Mitchell",
    "Moore", "Morales", "Morgan", "Morris", "Murphy", "Murray", "Myers", "Nelson", "Nguyen",
    "Ortiz", "Owens", "Parker", "Patel", "Patterson", "Perez", "Perry", "Peterson", "Phillips",
    "Powell", "Price", "Ramirez", "Ramos", "Reed", "Reyes", "Reynolds", "Richardson", "Rivera",
    "Roberts", "Robinson", "Rodriguez", "Rogers", "Ross", "Ruiz", "Russell", "Sanchez", "Sanders",
    "Scott", "Simmons", "Smith", "Stewart", "Sullivan", "Taylor", "Thomas", "Thompson", "Torres",
    "Turner", "Vasquez", "Walker", "Wallace", "Ward", "Washington", "Watson", "West", "White",
    "Williams", "Wilson", "Wood", "Wright", "Young",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_number_is_fictional_valid_and_unique() {
        let all = leads(1, usize::MAX);
        assert_eq!(all.len(), LEADS_MAX);
        let numbers: BTreeSet<_> = all.iter().map(|lead| lead.phone).collect();
        assert_eq!(numbers.len(), LEADS_MAX);
        assert!(all.iter().all(|lead| &lead.phone.to_e164()[5..10] == "55501"));
    }

    #[test]
    fn the_same_seed_makes_the_same_leads() {
        assert_eq!(leads(7, 20), leads(7, 300)[..20]);
        assert_ne!(leads(7, 20), leads(8, 20));
    }

    #[test]
    fn the_file_has_a_header_and_a_row_a_lead() {
        let text = String::from_utf8(to_csv(&leads(1, 3)).unwrap()).unwrap();
        assert!(text.starts_with("phone,first_name,last_name,state,zip\n+1"), "{text}");
        assert_eq!(text.lines().count(), 4);
    }
}
