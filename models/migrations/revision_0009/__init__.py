"""The SQL of revision 0009, one file a subject. Shipped, like the revision itself: never edited later."""
