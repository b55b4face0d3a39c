package multiproc

// namesGoByThemselves tells that the system removes named memory.
const namesGoByThemselves = true
