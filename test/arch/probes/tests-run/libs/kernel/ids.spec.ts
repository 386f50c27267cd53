it.skip('is not run', () => undefined);
