//! Which documents of a person are listed, and in which order.

use std::cmp::Reverse;

use super::live::Live;
use crate::policy::DocumentOrder;
use crate::token::Signer;
use crate::world::Document;

impl Live {
    /// The current documents of the crew member at a position, in the order of the list (D: `document_order`).
    pub fn current_documents(&self, position: u32) -> Vec<&Document> {
        let mut current: Vec<_> = self.crew(position).documents.iter().filter(|document| document.current).collect();
        match self.policies.document_order {
            DocumentOrder::Newest => {
                // Later in the file is newer on one day, so the file's order is turned before the stable sort.
                current.reverse();
                current.sort_by_key(|document| {
                    Reverse(document.uploaded.map_or(i32::MIN, |day| day.resolve(self.first_day)))
                });
            }
            DocumentOrder::Id => current.sort_by(|a, b| a.id.cmp(&b.id)),
            DocumentOrder::Shuffled => {
                let signer = Signer::new(&self.seed.to_be_bytes());
                current.sort_by_cached_key(|document| signer.tag(&document.id));
            }
        }
        current
    }
}
