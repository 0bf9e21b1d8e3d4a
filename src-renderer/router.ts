import { createRouter, createWebHashHistory } from 'vue-router'
import ConnectView from './views/connect/connect-view.vue'

/** Where each view lives; all but the first are loaded when they are wanted. */
export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/', name: 'connect', component: ConnectView },
    {
      path: '/profiles',
      name: 'profiles',
      component: () => import('./views/profiles/profiles-view.vue'),
    },
    { path: '/profiles/new', name: 'profile-new', component: () => import('./views/editor/editor-view.vue') },
    {
      path: '/profiles/:profileId/edit',
      name: 'profile-edit',
      component: () => import('./views/editor/editor-view.vue'),
    },
    { path: '/import', name: 'import', component: () => import('./views/import/import-view.vue') },
    {
      path: '/status/:profileId?',
      name: 'status',
      component: () => import('./views/status/status-view.vue'),
    },
    {
      path: '/exchange/:profileId?',
      name: 'exchange',
      component: () => import('./views/exchange/exchange-view.vue'),
    },
    { path: '/log', name: 'log', component: () => import('./views/log/log-view.vue') },
    { path: '/settings', name: 'settings', component: () => import('./views/settings/settings-view.vue') },
    ...(__FAKE__ ? [{ path: '/gallery', component: () => import('./fake/gallery.vue') }] : []),
    // Vite serves the file by its name when it is opened without a fragment; anything unknown is home.
    { path: '/:rest(.*)', redirect: { name: 'connect' } },
  ],
})
