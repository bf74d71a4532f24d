/** As Strapi's own templates have it. */
module.exports = { rest: { defaultLimit: 25, maxLimit: 100, withCount: true } };
