//! Where the called party may be: the zones and the regions of the number and of the address, from
//! tables that are built in (`compliance/data`, whose README says how each was made).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::Timestamp;

use super::case::Case;
use super::local::Zone;
use super::number::area_code;
use super::region::Region;
use crate::domain::{Country, PhoneNumber};

const AREA_CODES: &str = include_str!("../../compliance/data/area_codes.csv");
const CALLING_CODES: &str = include_str!("../../compliance/data/calling_codes.csv");
const STATES: &str = include_str!("../../compliance/data/states.csv");
const ZIPS: &str = include_str!("../../compliance/data/zips.csv");
const TABLES: [&str; 4] = [AREA_CODES, CALLING_CODES, STATES, ZIPS];

/// Longest prefix of the table of calling codes, in digits.
const PREFIX_DIGITS_MAX: u32 = 7;

/// A zone by its place in [`Places::zones`].
type ZoneId = u16;

/// Where something may be: every zone and every region of it.
#[derive(Debug, Default)]
struct Area {
    zones: Vec<ZoneId>,
    regions: Vec<Region>,
}

/// The tables, read once for the process. A row that names a zone which the database does not have
/// is left out whole: its numbers then have no known zone and are refused.
#[derive(Debug, Default)]
pub(super) struct Places {
    zones: Vec<Zone>,
    zone_ids: BTreeMap<String, ZoneId>,
    area_codes: Vec<Option<Area>>,
    calling_codes: BTreeMap<u64, Area>,
    states: BTreeMap<Region, Area>,
    /// First and last ZIP, in order, apart from each other.
    zips: Vec<(u32, u32, Area)>,
}

/// Where one called party may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    places: &'a Places,
    /// Of the number.
    number: Option<&'a Area>,
    /// Of the ZIP code, else of the state: what the zone of the address is taken from.
    address: Option<&'a Area>,
    /// Of the state, whether or not there is a ZIP code.
    state: Option<&'a Area>,
}

impl Places {
    /// The tables that are built in.
    pub fn embedded() -> &'static Places {
        static EMBEDDED: LazyLock<Places> = LazyLock::new(|| Places::read(TABLES));
        &EMBEDDED
    }

    /// The tables with one text in the place of another, which must be there.
    #[cfg(test)]
    pub fn with_fault(says: &str, made_to_say: &str) -> Self {
        assert!(TABLES.iter().any(|table| table.contains(says)), "{says}");
        let changed = TABLES.map(|table| table.replacen(says, made_to_say, 1));
        let [area_codes, calling_codes, states, zips] = &changed;
        Self::read([area_codes, calling_codes, states, zips])
    }

    fn read([area_codes, calling_codes, states, zips]: [&str; 4]) -> Self {
        let mut places = Self::default();
        places.area_codes.resize_with(1_000, || None);
        for [code, regions, zones] in rows(area_codes) {
            let area = places.area(&zones, &regions, Region::parse_american);
            if let Some(slot) =
                code.parse().ok().and_then(|at: usize| places.area_codes.get_mut(at))
            {
                *slot = area;
            }
        }
        for [prefix, regions, zones] in rows(calling_codes) {
            let area = places.area(&zones, &regions, Region::parse);
            if let (Ok(prefix), Some(area)) = (prefix.parse(), area) {
                places.calling_codes.insert(prefix, area);
            }
        }
        for [region, zones] in rows(states) {
            let area = places.area(&zones, &region, Region::parse_american);
            if let (Some(region), Some(area)) = (Region::parse_american(&region), area) {
                places.states.insert(region, area);
            }
        }
        for [first, last, state, zones] in rows(zips) {
            let area = places.area(&zones, &state, Region::parse_american);
            if let (Ok(first), Ok(last), Some(area)) = (first.parse(), last.parse(), area) {
                places.zips.push((first, last, area));
            }
        }
        places.zips.sort_by_key(|(first, ..)| *first);
        places
    }

    /// The area of `;`-joined zones and regions; `None` when any of them does not exist.
    fn area(
        &mut self,
        zones: &str,
        regions: &str,
        region: impl Fn(&str) -> Option<Region>,
    ) -> Option<Area> {
        let zones = zones.split(';').map(|name| self.zone_id(name)).collect::<Option<_>>()?;
        let regions = regions.split(';').map(region).collect::<Option<_>>()?;
        Some(Area { zones, regions })
    }

    fn zone_id(&mut self, name: &str) -> Option<ZoneId> {
        if let Some(id) = self.zone_ids.get(name) {
            return Some(*id);
        }
        let id = ZoneId::try_from(self.zones.len()).ok()?;
        self.zones.push(Zone::new(name)?);
        self.zone_ids.insert(name.to_owned(), id);
        Some(id)
    }

    /// Where the person of this case may be.
    pub fn place(&self, case: &Case<'_>) -> Place<'_> {
        let zip = case.zip.filter(|_| case.is_american).and_then(|zip| self.zip(zip));
        let state = case.state.filter(|_| case.is_american).and_then(|name| self.state(name));
        Place { places: self, number: self.number(case.number), address: zip.or(state), state }
    }

    fn number(&self, number: PhoneNumber) -> Option<&Area> {
        if let Some(code) = area_code(number) {
            return self.area_codes.get(usize::from(code))?.as_ref();
        }
        let digits = number.digits();
        (1..=PREFIX_DIGITS_MAX).rev().find_map(|length| {
            let drop = digits.ilog10().checked_sub(length - 1)?;
            self.calling_codes.get(&(digits / 10_u64.pow(drop)))
        })
    }

    /// The states, provinces or countries that the number may be in.
    pub(super) fn regions_of(&self, number: PhoneNumber) -> &[Region] {
        self.number(number).map_or(&[], |area| &area.regions)
    }

    /// Five digits, or nine as `12345-6789`.
    fn zip(&self, text: &str) -> Option<&Area> {
        let five = text.trim().split('-').next().filter(|five| five.len() == 5)?;
        let zip: u32 = five.parse().ok()?;
        let after = self.zips.partition_point(|(first, ..)| *first <= zip);
        let (_, last, area) = self.zips.get(after.checked_sub(1)?)?;
        (zip <= *last).then_some(area)
    }

    /// `FL` or `CA-BC`, or `BC` alone: no province has the letters of a state.
    fn state(&self, text: &str) -> Option<&Area> {
        let code = text.trim();
        let known = |region: Option<Region>| region.and_then(|region| self.states.get(&region));
        known(Region::parse_american(code)).or_else(|| known(Region::state_of(*b"CA", code)))
    }
}

impl<'a> Place<'a> {
    /// The candidate zones at an instant. If each offset of the address is among those of the
    /// number, the address refines the number; otherwise the zones of both count (12 CFR 1006,
    /// comment 6(b)(1)(i)-2).
    pub fn zones(&self, at: Timestamp) -> impl Iterator<Item = &'a Zone> + use<'a> {
        let (number, address) = (ids(self.number), ids(self.address));
        let places = self.places;
        let offset = |id: &ZoneId| places.zone(*id).map(|zone| zone.offset_s(at));
        let refined = !address.is_empty()
            && address.iter().all(|here| {
                number.contains(here) || number.iter().any(|there| offset(there) == offset(here))
            });
        let number = if refined { &[] } else { number };
        number.iter().chain(address).filter_map(|id| places.zone(*id))
    }

    /// When a clock of any zone that may come into question changes next.
    pub fn next_change(&self, at: Timestamp) -> Option<Timestamp> {
        let zones = ids(self.number).iter().chain(ids(self.address));
        zones.filter_map(|id| self.places.zone(*id)?.next_change(at)).min()
    }

    /// Every region of the number and of the address; one may come twice.
    pub fn regions(&self) -> impl Iterator<Item = Region> + Clone + use<'a> {
        let areas = [self.number, self.address, self.state].into_iter().flatten();
        areas.flat_map(|area| area.regions.iter().copied())
    }
}

impl Places {
    /// Every zone that a table names.
    #[cfg(test)]
    pub fn zones(&self) -> &[Zone] {
        &self.zones
    }

    /// How many rows of each table were read.
    #[cfg(test)]
    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        BTreeMap::from([
            ("area_codes", self.area_codes.iter().flatten().count()),
            ("calling_codes", self.calling_codes.len()),
            ("states", self.states.len()),
            ("zips", self.zips.len()),
        ])
    }

    fn zone(&self, id: ZoneId) -> Option<&Zone> {
        self.zones.get(usize::from(id))
    }
}

/// The zone of a country, when all of it has the same; `None` when it has several, or is not known.
pub fn zone_of(country: Country) -> Option<&'static str> {
    let places = Places::embedded();
    let american = places.area_codes.iter().flatten();
    let areas = american.chain(places.calling_codes.values());
    let code = country.as_str();
    let here = areas
        .filter(|area| area.regions.iter().any(|region| region.to_string().get(..2) == Some(code)));
    let mut zones = here.flat_map(|area| area.zones.iter());
    let first = zones.next()?;
    if zones.all(|zone| zone == first) { Some(places.zone(*first)?.name()) } else { None }
}

fn ids(area: Option<&Area>) -> &[ZoneId] {
    area.map_or(&[], |area| &area.zones)
}

/// The first columns of each row that has them.
fn rows<const COLUMNS: usize>(table: &str) -> impl Iterator<Item = [String; COLUMNS]> {
    let reader = csv::ReaderBuilder::new().flexible(true).from_reader(table.as_bytes());
    reader.into_records().filter_map(|row| {
        let row = row.ok()?;
        let cells: Vec<String> = row.iter().take(COLUMNS).map(str::to_owned).collect();
        cells.try_into().ok()
    })
}
