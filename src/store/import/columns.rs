//! Which column is what.

use std::str::FromStr;

use super::{ImportError, names};

/// What a lead has besides its attributes.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Field {
    /// The first name.
    FirstName,
    /// The last name.
    LastName,
    /// The telephone number, the one that must be there.
    Phone,
    /// The state or province.
    State,
    /// The ZIP or postal code.
    Zip,
}

impl Field {
    const ALL: [Field; 5] =
        [Field::FirstName, Field::LastName, Field::Phone, Field::State, Field::Zip];

    /// The word in `--map` and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Field::FirstName => "first_name",
            Field::LastName => "last_name",
            Field::Phone => "phone",
            Field::State => "state",
            Field::Zip => "zip",
        }
    }
}

impl FromStr for Field {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let field = Self::ALL.into_iter().find(|field| field.as_str() == word);
        field.ok_or_else(|| format!("{word:?} is none of first_name, last_name, phone, state, zip"))
    }
}

/// `phone=Telefon`: what the user says of one column. Goes above what the headers say.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mapped {
    /// What it is.
    pub field: Field,
    /// Its header.
    pub header: String,
}

impl FromStr for Mapped {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (field, header) =
            text.split_once('=').ok_or_else(|| format!("{text:?} is not FIELD=HEADER"))?;
        Ok(Self { field: field.trim().parse()?, header: header.trim().to_owned() })
    }
}

/// What each column of a file is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Columns {
    /// A field, or an attribute of that name.
    pub kinds: Vec<Column>,
    /// The column of the telephone number.
    pub phone: usize,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Column {
    Attribute(String),
    Field(Field),
}

impl Columns {
    /// Reads a header: what the user has mapped, then the best known name of each field. What is
    /// left are attributes; a name that comes twice gets a number.
    pub fn of(header: &[String], mapped: &[Mapped]) -> Result<Self, ImportError> {
        let mut kinds: Vec<Option<Column>> = vec![None; header.len()];
        for Mapped { field, header: name } in mapped {
            let place = named(header, name).ok_or_else(|| ImportError::UnknownColumn {
                name: name.clone(),
                headers: header.to_vec(),
            })?;
            kinds[place] = Some(Column::Field(*field));
        }
        let folded: Vec<String> = header.iter().map(|name| folded(name)).collect();
        for field in Field::ALL {
            if mapped.iter().any(|mapped| mapped.field == field) {
                continue;
            }
            let known = names::of(field).iter().find_map(|known| {
                let place = folded.iter().position(|name| name == known)?;
                kinds[place].is_none().then_some(place)
            });
            if let Some(place) = known {
                kinds[place] = Some(Column::Field(field));
            }
        }
        let phone = kinds.iter().position(|kind| *kind == Some(Column::Field(Field::Phone)));
        let phone = phone.ok_or(ImportError::NoPhoneColumn { headers: header.to_vec() })?;
        let mut names: Vec<String> = Vec::new();
        let kinds = kinds.into_iter().zip(header).map(|(kind, name)| {
            kind.unwrap_or_else(|| Column::Attribute(unlike(&mut names, name)))
        });
        Ok(Self { kinds: kinds.collect(), phone })
    }
}

/// The place of a header: as it is written, or else as it is folded.
fn named(header: &[String], name: &str) -> Option<usize> {
    header
        .iter()
        .position(|other| other == name)
        .or_else(|| header.iter().position(|other| folded(other) == folded(name)))
}

fn unlike(names: &mut Vec<String>, name: &str) -> String {
    let name = if name.is_empty() { "column" } else { name };
    let twins = (2..).map(|count| format!("{name} ({count})"));
    let mut candidates = std::iter::once(name.to_owned()).chain(twins);
    let free = candidates.find(|candidate| !names.contains(candidate)).unwrap_or_default();
    names.push(free.clone());
    free
}

/// A header without case, accents, spaces and punctuation.
pub(super) fn folded(name: &str) -> String {
    name.chars().flat_map(char::to_lowercase).filter_map(unaccented).collect()
}

fn unaccented(letter: char) -> Option<char> {
    let plain = match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ą' | 'ă' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'ď' => 'd',
        'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' => 'e',
        'ì' | 'í' | 'î' | 'ï' | 'ı' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ő' | 'ø' => 'o',
        'ř' => 'r',
        'ś' | 'š' | 'ș' | 'ş' => 's',
        'ť' | 'ț' | 'ţ' => 't',
        'ù' | 'ú' | 'û' | 'ü' | 'ű' | 'ů' => 'u',
        'ý' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        other => other,
    };
    plain.is_alphanumeric().then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(header: &str, mapped: &str) -> Result<String, String> {
        let header: Vec<String> = header.split(',').map(str::to_owned).collect();
        let mapped = mapped.split_terminator(',').map(|text| text.parse().unwrap());
        let columns = Columns::of(&header, &mapped.collect::<Vec<_>>());
        let word = |column: &Column| match column {
            Column::Attribute(name) => format!("<{name}>"),
            Column::Field(field) => field.as_str().to_owned(),
        };
        columns
            .map(|columns| columns.kinds.iter().map(word).collect::<Vec<_>>().join(","))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn headers_of_many_languages_are_known() {
        let all = "phone,first_name,last_name,state,zip";
        for header in [
            "Phone Number,First Name,LAST-NAME,State,ZIP Code",
            "Telefon-Nr.,Vorname,Nachname,Bundesland,PLZ",
            "Numéro de téléphone,Prénom,Nom,Région,Code postal",
            "Teléfono,Nombre,Apellidos,Provincia,Código postal",
            "Telefone,Nome,Sobrenome,Estado,CEP",
            "電話番号,名,姓,都道府県,郵便番号",
        ] {
            assert_eq!(columns(header, "").as_deref(), Ok(all), "{header}");
        }
    }

    #[test]
    fn what_is_not_known_is_an_attribute_under_its_own_name() {
        let read = columns("mobile,plan,Phone,plan,", "");
        assert_eq!(read.as_deref(), Ok("<mobile>,<plan>,phone,<plan (2)>,<column>"));
    }

    #[test]
    fn what_the_user_says_goes_above_what_the_headers_say() {
        let read = columns("phone,Rückruf,state", "phone=rückruf");
        assert_eq!(read.as_deref(), Ok("<phone>,phone,state"));
        let unknown = columns("a,b", "phone=c").unwrap_err();
        assert_eq!(unknown, "the file has no column \"c\" (there are: a, b)");
        assert!(columns("a,b", "").unwrap_err().contains("--map phone=HEADER"));
        assert!("fone=b".parse::<Mapped>().is_err());
    }
}
