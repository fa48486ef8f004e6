// Loaded with --import before everything else: this process's clock is wrong by CLOCK_SHIFT_MS.
const shift = Number(process.env['CLOCK_SHIFT_MS'] ?? 0);
const now = Date.now.bind(Date);
Date.now = () => now() + shift;
