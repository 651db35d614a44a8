"""Overview (L1): every device as a tile, the ones that need somebody first.

`tile_face` says what a tile shows, `ordering` which tile comes where, `grid` at which pixels: all pure.
`tile_painter` draws one tile, `tile_surface` scrolls a thousand, `tile_board` adds keyboard and mouse,
`overview_panel` puts filter and order above.
"""
