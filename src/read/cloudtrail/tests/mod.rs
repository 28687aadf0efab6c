//! Whole conversions, as text tables. The fixtures are invented, in the shapes that AWS delivers.
