import { EnumField, TextField, UuidField } from '#platform/http';

/** Body of every 202 for long work (platform.md 8.0). `Location` is `/jobs/<task_id>`. */
export class QueuedTask {
  @UuidField() task_id!: string;
  @UuidField() run_id!: string;
  @EnumField(['queued']) status!: 'queued';
  @TextField({ example: '/ws/progress/018cc251-f400-7000-8000-000000000001' }) stream_url!: string;
}

export function streamUrl(taskId: string): string {
  return `/ws/progress/${taskId}`;
}
