try {
  JSON.parse('');
} catch {}
