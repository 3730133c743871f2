//! Strict reading of JSON: an array is not an object, no key is given twice, and messages use JSON's own words.
//!
//! `serde_json` takes an array for a struct, and the last of two equal keys for a map. A wrapper around any
//! deserializer refuses both, at every depth.

mod words;

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::value::{CowStrDeserializer, MapAccessDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};

use words::json_noun;
pub use words::{message, plain_names};

/// The number of keys up to which an object is searched without a set.
const FEW_KEYS: usize = 16;

/// Reads JSON strictly.
///
/// # Errors
/// Text that is not JSON or does not fit the type. [`message`] formats the error.
pub fn from_str<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    read(serde_json::Deserializer::from_str(text))
}

/// Reads JSON strictly from bytes.
///
/// # Errors
/// As for [`from_str`].
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    read(serde_json::Deserializer::from_slice(bytes))
}

/// Reads a JSON value strictly. Equal keys are lost in a value already.
///
/// # Errors
/// A value that does not fit the type.
pub fn from_value<T: DeserializeOwned>(value: serde_json::Value) -> serde_json::Result<T> {
    T::deserialize(Strict::new(value))
}

fn read<'de, T: DeserializeOwned, R: serde_json::de::Read<'de>>(
    mut json: serde_json::Deserializer<R>,
) -> serde_json::Result<T> {
    let value = T::deserialize(Strict::new(&mut json))?;
    json.end()?;
    Ok(value)
}

/// Further limits on the input, where serde accepts several forms.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wants {
    Any,
    /// An object, and not an array of its fields.
    Object,
    /// A whole number, also if it is written as `1.0`.
    Whole,
}

/// A part of serde's protocol, made strict.
struct Strict<T> {
    inner: T,
    wants: Wants,
}

impl<T> Strict<T> {
    fn new(inner: T) -> Self {
        Self { inner, wants: Wants::Any }
    }
}

/// Returns the number if it has no fraction, and is small enough that no other one is written alike.
fn whole(value: f64) -> Option<i64> {
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    let is_whole = value.fract() == 0.0 && value.abs() <= LARGEST;
    is_whole.then(|| format!("{value:.0}").parse().ok())?
}

macro_rules! deserialize {
    ($($method:ident($($argument:ident: $kind:ty),*) $wants:ident;)+) => {
        $(fn $method<V: Visitor<'de>>(self, $($argument: $kind,)* visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method($($argument,)* Strict { inner: visitor, wants: Wants::$wants })
        })+
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<D> {
    type Error = D::Error;

    deserialize! {
        deserialize_any() Any;
        deserialize_bool() Any;
        deserialize_i8() Whole;
        deserialize_i16() Whole;
        deserialize_i32() Whole;
        deserialize_i64() Whole;
        deserialize_i128() Whole;
        deserialize_u8() Whole;
        deserialize_u16() Whole;
        deserialize_u32() Whole;
        deserialize_u64() Whole;
        deserialize_u128() Whole;
        deserialize_f32() Any;
        deserialize_f64() Any;
        deserialize_char() Any;
        deserialize_str() Any;
        deserialize_string() Any;
        deserialize_bytes() Any;
        deserialize_byte_buf() Any;
        deserialize_option() Any;
        deserialize_unit() Any;
        deserialize_unit_struct(name: &'static str) Any;
        deserialize_newtype_struct(name: &'static str) Any;
        deserialize_seq() Any;
        deserialize_tuple(len: usize) Any;
        deserialize_tuple_struct(name: &'static str, len: usize) Any;
        deserialize_map() Any;
        deserialize_struct(name: &'static str, fields: &'static [&'static str]) Object;
        deserialize_identifier() Any;
        deserialize_ignored_any() Any;
    }

    /// Reads the name of a value, or an object with that name as its key. A parser of JSON would take null, a number or
    /// an array there for a mistake of syntax.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.inner.deserialize_any(NamedValue { visitor: Strict::new(visitor), variants })
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

macro_rules! visit {
    ($($method:ident: $kind:ty;)+) => {
        $(fn $method<E: serde::de::Error>(self, value: $kind) -> Result<V::Value, E> {
            self.inner.$method(value)
        })+
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Strict<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Expecting<'v, V>(&'v V);
        impl<'de, V: Visitor<'de>> fmt::Display for Expecting<'_, V> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.expecting(f)
            }
        }
        if self.wants == Wants::Object {
            return f.write_str("an object");
        }
        f.write_str(&json_noun(&Expecting(&self.inner).to_string()))
    }

    visit! {
        visit_bool: bool;
        visit_i8: i8;
        visit_i16: i16;
        visit_i32: i32;
        visit_i64: i64;
        visit_i128: i128;
        visit_u8: u8;
        visit_u16: u16;
        visit_u32: u32;
        visit_u64: u64;
        visit_u128: u128;
        visit_f32: f32;
        visit_char: char;
        visit_str: &str;
        visit_borrowed_str: &'de str;
        visit_string: String;
        visit_bytes: &[u8];
        visit_borrowed_bytes: &'de [u8];
        visit_byte_buf: Vec<u8>;
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<V::Value, E> {
        match whole(value).filter(|_| self.wants == Wants::Whole) {
            Some(number) => self.inner.visit_i64(number),
            None => self.inner.visit_f64(value),
        }
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, some: D) -> Result<V::Value, D::Error> {
        self.inner.visit_some(Strict::new(some))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.inner.visit_newtype_struct(Strict::new(inner))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<V::Value, A::Error> {
        if self.wants == Wants::Object {
            return Err(A::Error::invalid_type(Unexpected::Seq, &self));
        }
        self.inner.visit_seq(Strict::new(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(UniqueKeys { object, few: Vec::new(), many: HashSet::new() })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<V::Value, A::Error> {
        self.inner.visit_enum(Strict::new(variant))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Strict<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(Strict::new(from))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        self.inner.next_element_seed(Strict::new(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Strict<A> {
    type Error = A::Error;
    type Variant = Strict<A::Variant>;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self::Variant), A::Error> {
        let (value, variant) = self.inner.variant_seed(Strict::new(seed))?;
        Ok((value, Strict::new(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        self.inner.newtype_variant_seed(Strict::new(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.inner.tuple_variant(len, Strict::new(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.inner.struct_variant(fields, Strict { inner: visitor, wants: Wants::Object })
    }
}

/// The visitor of one of several named values.
struct NamedValue<V> {
    visitor: Strict<V>,
    variants: &'static [&'static str],
}

impl<'de, V: Visitor<'de>> Visitor<'de> for NamedValue<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.variants.iter().map(|name| format!("`{name}`")).collect();
        write!(f, "{}{}", if names.len() > 1 { "one of " } else { "" }, names.join(", "))
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<V::Value, E> {
        self.visitor.visit_enum(name.into_deserializer())
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<V::Value, A::Error> {
        let object = UniqueKeys { object, few: Vec::new(), many: HashSet::new() };
        self.visitor.visit_enum(MapAccessDeserializer::new(object))
    }
}

/// An object of which no key is given twice.
struct UniqueKeys<'de, A> {
    object: A,
    few: Vec<Cow<'de, str>>,
    /// All keys, once they are many: an object of a foreign text may have any number.
    many: HashSet<Cow<'de, str>>,
}

impl<'de, A: MapAccess<'de>> UniqueKeys<'de, A> {
    fn note(&mut self, key: &Cow<'de, str>) -> Result<(), A::Error> {
        let is_new = if self.few.len() < FEW_KEYS {
            let is_new = !self.few.contains(key);
            self.few.push(key.clone());
            is_new
        } else {
            if self.many.is_empty() {
                self.many.extend(self.few.iter().cloned());
            }
            self.many.insert(key.clone())
        };
        if is_new { Ok(()) } else { Err(A::Error::custom(format_args!("the key `{key}` is given twice"))) }
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for UniqueKeys<'de, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let Some(key) = self.object.next_key_seed(KeyText)? else { return Ok(None) };
        self.note(&key)?;
        let key: CowStrDeserializer<'de, A::Error> = key.into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        self.object.next_value_seed(Strict::new(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.object.size_hint()
    }
}

/// A reader of a key that borrows it where it can.
struct KeyText;

impl<'de> DeserializeSeed<'de> for KeyText {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Cow<'de, str>, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeyText {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(text))
    }
}

#[cfg(test)]
mod tests;
