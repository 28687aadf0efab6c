//! What can be charged.

use crate::value::{FlavorId, LevelId, Names, OsId};

/// A thing that is charged, by its place in the rules' table R.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sku {
    /// R1: storing an image.
    ImageStorage,
    /// R5: storing an object.
    ObjectStorage,
    /// R6: sending data out of a region.
    TransferOut,
    /// R3: running a server.
    Server(FlavorId),
    /// R3a: the licence of what runs on it.
    License(OsId, FlavorId),
    /// R3b: the service level's support for it.
    Support(LevelId),
    /// R8: what is missing to the service level's minimum.
    Minimum(LevelId),
    /// R9: the service level's fee.
    Fee(LevelId),
    /// P7: the volume discount.
    VolumeDiscount,
}

/// The column of a statement that a SKU's charges are added up in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the columns")]
pub enum Category {
    Storage,
    Servers,
    Licenses,
    Support,
    Transfer,
    Minimum,
    Fee,
    Discount,
}

impl Category {
    /// All of them, in the order of a statement's columns.
    pub const ALL: [Category; 8] = [
        Category::Storage,
        Category::Servers,
        Category::Licenses,
        Category::Support,
        Category::Transfer,
        Category::Minimum,
        Category::Fee,
        Category::Discount,
    ];

    /// The column that a SKU of this name is added up in; `None` where no SKU has such a name.
    ///
    /// ```
    /// use sharebill::book::Category;
    /// assert_eq!(Category::of_sku("server:general1-4"), Some(Category::Servers));
    /// assert_eq!(Category::of_sku("server"), None);
    /// ```
    #[must_use]
    pub fn of_sku(name: &str) -> Option<Category> {
        match name {
            "image.storage" | "object.storage" => return Some(Category::Storage),
            "transfer.out" => return Some(Category::Transfer),
            "discount:volume" => return Some(Category::Discount),
            _ => {}
        }
        match name.split_once(':')?.0 {
            "server" => Some(Category::Servers),
            "license" => Some(Category::Licenses),
            "support" => Some(Category::Support),
            "minimum" => Some(Category::Minimum),
            "fee" => Some(Category::Fee),
            _ => None,
        }
    }

    /// The name of the column.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Category::Storage => "storage",
            Category::Servers => "servers",
            Category::Licenses => "licenses",
            Category::Support => "support",
            Category::Transfer => "transfer",
            Category::Minimum => "minimum",
            Category::Fee => "fee",
            Category::Discount => "discount",
        }
    }
}

impl Sku {
    /// Its name in price books and bills, like `server:general1-4`.
    #[must_use]
    pub fn text(self, names: &Names) -> String {
        match self {
            Sku::ImageStorage => "image.storage".to_owned(),
            Sku::ObjectStorage => "object.storage".to_owned(),
            Sku::TransferOut => "transfer.out".to_owned(),
            Sku::Server(flavor) => format!("server:{}", names.flavors.text(flavor)),
            Sku::License(os, flavor) => {
                format!("license:{}:{}", names.systems.text(os), names.flavors.text(flavor))
            }
            Sku::Support(level) => format!("support:{}", names.levels.text(level)),
            Sku::Minimum(level) => format!("minimum:{}", names.levels.text(level)),
            Sku::Fee(level) => format!("fee:{}", names.levels.text(level)),
            Sku::VolumeDiscount => "discount:volume".to_owned(),
        }
    }

    /// The rule that charges it (rules, R and P7).
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            Sku::ImageStorage => "R1",
            Sku::ObjectStorage => "R5",
            Sku::TransferOut => "R6",
            Sku::Server(_) => "R3",
            Sku::License(..) => "R3a",
            Sku::Support(_) => "R3b",
            Sku::Minimum(_) => "R8",
            Sku::Fee(_) => "R9",
            Sku::VolumeDiscount => "P7",
        }
    }

    /// The column of a statement it is added up in.
    #[must_use]
    pub fn category(self) -> Category {
        match self {
            Sku::ImageStorage | Sku::ObjectStorage => Category::Storage,
            Sku::TransferOut => Category::Transfer,
            Sku::Server(_) => Category::Servers,
            Sku::License(..) => Category::Licenses,
            Sku::Support(_) => Category::Support,
            Sku::Minimum(_) => Category::Minimum,
            Sku::Fee(_) => Category::Fee,
            Sku::VolumeDiscount => Category::Discount,
        }
    }
}
