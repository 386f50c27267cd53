import type { IdentityProviders } from '#platform/auth';
import { UnavailableError } from '#kernel';
import { HealthProbes } from './health-probes.ts';
import { IdpProbe } from './idp.probe.ts';

describe('IdpProbe', () => {
  const probed = (providers: Partial<IdentityProviders>) => {
    const probes = new HealthProbes();
    new IdpProbe(probes, providers as IdentityProviders).onModuleInit();
    return probes.all();
  };

  it('is hard until the keys have been there once, and soft from then on', async () => {
    let away = true;
    const ready = async (): Promise<void> => {
      if (away) throw new UnavailableError('idp_unavailable', 'away');
    };
    const [probe] = probed({ trusted: true, ready });
    const { signal } = new AbortController();
    await expect(probe?.check(signal)).rejects.toThrow('away');
    expect(probe).toMatchObject({ name: 'idp', hard: true });
    away = false;
    await probe?.check(signal);
    away = true;
    await expect(probe?.check(signal)).rejects.toThrow('away');
    expect(probe?.hard).toBe(false);
  });

  it('is not there where only the local issuer signs people in', () => {
    expect(probed({ trusted: false })).toEqual([]);
  });
});
