
    // pprof's menu on a right click has entries for its server only.
    document.addEventListener('contextmenu', (e) => e.stopPropagation(), true);
  
