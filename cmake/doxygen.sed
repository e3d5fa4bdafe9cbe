# This project's comments are plain: // above what they describe, or behind it. Doxygen wants /// and ///<, and takes
# <words> in them for HTML.
/^ *\/\/ ?([^-]|$)/ {
  s@<@\&lt;@g
  s@>@\&gt;@g
  s@^( *)// ?@\1/// @
}
s@([;,{}]) +// @\1 ///< @
