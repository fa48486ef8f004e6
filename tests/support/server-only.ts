// Stands for the marker package `server-only`, which outside Next refuses every import.
export {};
