//! The tables as diesel sees them: one for both dialects of `migrations/`; a test compares them with the databases.
#![allow(missing_docs, clippy::wildcard_imports, reason = "the migrations document the columns; what diesel's macro takes")]

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    provinces (id) {
        id -> Integer,
        code -> Text,
        code_key -> Text,
        name -> Text,
        name_en -> Text,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    signing_keys (kid) {
        kid -> Text,
        public_key -> Binary,
        sealed_private_key -> Binary,
        created_at -> Instant,
        signs_from -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    login_failures (id) {
        id -> Uid,
        name -> Text,
        address -> Text,
        at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;

    instance (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    domains (province_id, id) {
        province_id -> Integer,
        id -> Uid,
        code -> Text,
        code_key -> Text,
        name -> Text,
        name_en -> Nullable<Text>,
        position -> Integer,
        active -> Bool,
        version -> Integer,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    agencies (province_id, id) {
        province_id -> Integer,
        id -> Uid,
        code -> Text,
        code_key -> Text,
        name -> Text,
        name_sort -> Binary,
        name_en -> Nullable<Text>,
        search_key -> Text,
        kind -> Text,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        active -> Bool,
        version -> Integer,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    neighborhoods (province_id, id) {
        province_id -> Integer,
        id -> Uid,
        code -> Text,
        code_key -> Text,
        name -> Text,
        name_sort -> Binary,
        name_en -> Nullable<Text>,
        search_key -> Text,
        county -> Nullable<Text>,
        county_key -> Nullable<Text>,
        city -> Text,
        city_key -> Text,
        district -> Nullable<Text>,
        district_key -> Nullable<Text>,
        population -> Nullable<BigInt>,
        population_order -> BigInt,
        households -> Nullable<BigInt>,
        profile_as_of -> Nullable<Date>,
        boundary -> Nullable<Document>,
        location -> Nullable<Document>,
        longitude -> Nullable<Double>,
        latitude -> Nullable<Double>,
        designation -> Text,
        designated_on -> Nullable<Date>,
        closed_on -> Nullable<Date>,
        version -> Integer,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    users (province_id, id) {
        province_id -> Integer,
        id -> Uid,
        username -> Text,
        username_key -> Text,
        display_name -> Text,
        search_key -> Text,
        role -> Text,
        agency_id -> Nullable<Uid>,
        active -> Bool,
        password_hash -> Nullable<Text>,
        must_change_password -> Bool,
        version -> Integer,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    mandates (province_id, id) {
        province_id -> Integer,
        id -> Uid,
        user_id -> Uid,
        neighborhood_id -> Uid,
        order_no -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        version -> Integer,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    sessions (province_id, id) {
        province_id -> Integer,
        id -> Uid,
        user_id -> Uid,
        created_at -> Instant,
        expires_at -> Instant,
        revoked_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    refresh_tokens (province_id, token_hash) {
        province_id -> Integer,
        token_hash -> Binary,
        session_id -> Uid,
        created_at -> Instant,
        expires_at -> Instant,
        used_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    idempotency_keys (province_id, user_id, key) {
        province_id -> Integer,
        user_id -> Uid,
        key -> Text,
        fingerprint -> Binary,
        status -> Integer,
        headers -> Text,
        body -> Binary,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    initiatives (province_id, id) {
        province_id -> Integer,
        id -> Uid,
        code -> Text,
        code_key -> Text,
        neighborhood_id -> Uid,
        domain -> Text,
        title -> Text,
        title_sort -> Binary,
        search_key -> Text,
        description -> Nullable<Text>,
        objective -> Nullable<Text>,
        status -> Text,
        status_since -> Instant,
        starts_on -> Nullable<Date>,
        due_on -> Nullable<Date>,
        due_order -> Date,
        completed_on -> Nullable<Date>,
        lead_agency_id -> Nullable<Uid>,
        weight -> Integer,
        budget_planned_rial -> Nullable<BigInt>,
        budget_spent_rial -> Nullable<BigInt>,
        beneficiaries_planned -> Nullable<BigInt>,
        beneficiaries_reached -> Nullable<BigInt>,
        version -> Integer,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    initiative_agencies (province_id, initiative_id, agency_id) {
        province_id -> Integer,
        initiative_id -> Uid,
        agency_id -> Uid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    responsibilities (province_id, id) {
        province_id -> Integer,
        id -> Uid,
        initiative_id -> Uid,
        neighborhood_id -> Uid,
        initiative_status -> Text,
        initiative_weight -> Integer,
        initiative_domain -> Text,
        code -> Text,
        code_key -> Text,
        agency_id -> Uid,
        part -> Text,
        title -> Text,
        search_key -> Text,
        deliverable -> Nullable<Text>,
        acceptance_criterion -> Nullable<Text>,
        weight -> Integer,
        due_on -> Date,
        baseline_due_on -> Nullable<Date>,
        status -> Text,
        status_since -> Instant,
        open -> Bool,
        reported_done_on -> Nullable<Date>,
        report_note -> Nullable<Text>,
        verified_at -> Nullable<Instant>,
        verified_on -> Nullable<Date>,
        verified_by -> Nullable<Uid>,
        verification_note -> Nullable<Text>,
        declined_by -> Nullable<Uid>,
        version -> Integer,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    deferrals (province_id, id) {
        province_id -> Integer,
        id -> Uid,
        responsibility_id -> Uid,
        initiative_id -> Uid,
        neighborhood_id -> Uid,
        agency_id -> Uid,
        requested_due_on -> Date,
        reason -> Text,
        status -> Text,
        decision_note -> Nullable<Text>,
        version -> Integer,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    events (province_id, id) {
        intake -> BigInt,
        province_id -> Integer,
        id -> Uid,
        seq -> Nullable<BigInt>,
        at -> Instant,
        actor_id -> Nullable<Uid>,
        actor_username -> Nullable<Text>,
        actor_display_name -> Nullable<Text>,
        role -> Nullable<Text>,
        action -> Text,
        resource_type -> Text,
        resource_id -> Nullable<Uid>,
        version -> Nullable<Integer>,
        changes -> Text,
        reason -> Nullable<Text>,
        request_id -> Nullable<Text>,
        neighborhood_id -> Nullable<Uid>,
        initiative_id -> Nullable<Uid>,
        user_id -> Nullable<Uid>,
        register -> Bool,
        prev_hash -> Nullable<Text>,
        hash -> Nullable<Text>,
        bulk -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    event_bulks (province_id, intake) {
        province_id -> Integer,
        intake -> BigInt,
        first_id -> Uid,
        last_id -> Uid,
        events -> Integer,
        changes -> Integer,
        actor_id -> Nullable<Uid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    event_heads (province_id) {
        province_id -> Integer,
        seq -> BigInt,
        hash -> Text,
        changes -> BigInt,
        last_change_id -> Nullable<Uid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    imports (province_id, id) {
        province_id -> Integer,
        id -> Uid,
        user_id -> Uid,
        dataset -> Text,
        mode -> Text,
        dry_run -> Bool,
        calendar -> Text,
        format -> Text,
        request_id -> Nullable<Text>,
        bytes -> BigInt,
        state -> Text,
        attempts -> Integer,
        lease_owner -> Nullable<Uid>,
        lease_until -> Nullable<Instant>,
        rows_total -> Nullable<BigInt>,
        rows_done -> BigInt,
        last_row -> BigInt,
        created -> BigInt,
        updated -> BigInt,
        unchanged -> BigInt,
        rejected -> BigInt,
        error_code -> Nullable<Text>,
        error_args -> Nullable<Text>,
        error_row -> Nullable<BigInt>,
        started_at -> Nullable<Instant>,
        finished_at -> Nullable<Instant>,
        version -> Integer,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    import_chunks (province_id, import_id, number) {
        province_id -> Integer,
        import_id -> Uid,
        number -> Integer,
        bytes -> Binary,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    import_batches (province_id, import_id, first_row) {
        province_id -> Integer,
        import_id -> Uid,
        first_row -> BigInt,
        last_row -> BigInt,
        created -> BigInt,
        updated -> BigInt,
        unchanged -> BigInt,
        rejected -> BigInt,
        report -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    clients (province_id, id) {
        province_id -> Integer,
        id -> Uid,
        name -> Text,
        name_sort -> Binary,
        role -> Text,
        agency_id -> Nullable<Uid>,
        valid_to -> Nullable<Date>,
        active -> Bool,
        version -> Integer,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    client_neighborhoods (province_id, client_id, neighborhood_id) {
        province_id -> Integer,
        client_id -> Uid,
        neighborhood_id -> Uid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::super::types::sql::*;

    client_secrets (province_id, id) {
        province_id -> Integer,
        id -> Uid,
        client_id -> Uid,
        secret_hash -> Binary,
        created_at -> Instant,
        expires_at -> Nullable<Instant>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    provinces,
    signing_keys,
    login_failures,
    instance,
    domains,
    agencies,
    neighborhoods,
    users,
    mandates,
    sessions,
    refresh_tokens,
    idempotency_keys,
    initiatives,
    initiative_agencies,
    responsibilities,
    deferrals,
    events,
    event_heads,
    event_bulks,
    clients,
    client_neighborhoods,
    client_secrets,
    imports,
    import_chunks,
    import_batches
);
