declare function publish(): Promise<void>;

export function tell(): void {
  void publish();
}
