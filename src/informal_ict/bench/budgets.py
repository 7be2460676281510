"""What a first visit may cost: gzip, an empty cache, and the line and the phone that many readers have."""

KILOBYTE = 1000  # bytes
TEXT_PAGE = 150 * KILOBYTE
WIDGET_PAGE = 650 * KILOBYTE
FIRST_PAINT = 2500  # milliseconds until text can be read, on the line below
WIDGET_WORKS = 15_000  # milliseconds until a widget answers, on the line below
BLOCKING = 200  # milliseconds, total, with the processor slowed down as below
LAYOUT_SHIFT = 0.1  # cumulative

LATENCY = 400  # milliseconds, both ways
BYTES_A_SECOND = 400_000 / 8  # 400 kbit/s
SLOW_DOWN = 4  # times
