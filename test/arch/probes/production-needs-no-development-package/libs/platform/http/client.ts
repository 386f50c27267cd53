import request from 'supertest';

export const client = request;
